/** Merges taken back, in memory: message 3 merged a patient, and is delivered. */
import type { UnmergeDesk, Unmerged } from '../../src/api/types.ts';
import { WeirError } from '../../src/errors.ts';

export class MemoryUnmerges implements UnmergeDesk {
  readonly #taken = new Map<string, Unmerged[]>();

  async take(id: string, { by, reason, at }: { by: string; reason: string; at: Date }): Promise<string[]> {
    if (id !== '3') throw new WeirError('api-no-merge');
    if (this.#taken.has(id)) throw new WeirError('api-unmerged');
    this.#taken.set(id, [{ id: '90', by, reason, at: at.toISOString() }]);
    return ['90'];
  }

  async of({ id }: { readonly id: string }): Promise<Unmerged[]> {
    return this.#taken.get(id) ?? [];
  }
}
