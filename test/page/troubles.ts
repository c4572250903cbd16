/** A TroubleDesk in memory, with invented bytes, for tests of the API and the page. */
import type { Trouble, TroubleCount, TroubleDesk, TroubleDetail, TroubleLine, TroubleQuery } from '../../src/inbox/types.ts';

export class MemoryTroubles implements TroubleDesk {
  readonly all: TroubleDetail[] = [];

  add(parts: Partial<Trouble> = {}): TroubleDetail {
    const bytes = parts.bytes ?? new TextEncoder().encode('GET /Quillfeather HTTP/1.1\r\n');
    const one: TroubleDetail = {
      ...{ id: `${this.all.length + 1}`, channel: 'adt', at: new Date('2026-03-01T08:00:00Z'), kind: 'junk', reason: null },
      ...{ detail: null, peer: '10.1.2.3:40112', size: bytes.length, bytes, kept: bytes.length },
      ...parts,
    };
    this.all.push(one);
    return one;
  }

  /** As a careless store would: with the bytes. The API must cut them down. */
  async troubles(query: TroubleQuery): Promise<TroubleLine[]> {
    return this.all
      .toReversed()
      .filter(({ channel }) => query.channel === undefined || channel === query.channel)
      .filter(({ kind }) => query.kind === undefined || kind === query.kind)
      .filter(({ id }) => query.before === undefined || Number(id) < Number(query.before))
      .slice(0, query.limit);
  }

  async trouble(id: string): Promise<TroubleDetail | null> {
    return this.all.find((one) => one.id === id) ?? null;
  }

  async counts(): Promise<TroubleCount[]> {
    const groups = Map.groupBy(this.all, ({ channel, kind }) => `${channel} ${kind}`);
    return [...groups.values()].flatMap(([first, ...others]) =>
      first === undefined ? [] : [{ channel: first.channel, kind: first.kind, count: others.length + 1, last: first.at }],
    );
  }
}
