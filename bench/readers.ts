/**
 * The same work for each HL7 v2 package: parse a message, read the values at some places. Each is written as its documentation shows it, with
 * its fastest way of reading. Packages are loaded when asked for, as each is measured in a process of its own.
 */

/** Segment, field, component. */
export type Place = readonly [segment: string, field: number, component: number];
/** Parses a text and reads all places; `''` where there is nothing. */
export type Reader = (text: string) => string[];

/** What a typical ADT interface looks at. */
export const places: readonly Place[] = [
  ...[3, 4, 7, 10, 12].map((field): Place => ['MSH', field, 1]),
  ...[1, 2].map((component): Place => ['MSH', 9, component]),
  ['EVN', 2, 1],
  ...[1, 4, 5].map((component): Place => ['PID', 3, component]),
  ...[1, 2, 3].map((component): Place => ['PID', 5, component]),
  ...[7, 8, 18].map((field): Place => ['PID', field, 1]),
  ...[1, 3, 4, 5].map((component): Place => ['PID', 11, component]),
  ['PID', 13, 7],
  ...[2, 19, 44].map((field): Place => ['PV1', field, 1]),
  ...[1, 2].map((component): Place => ['PV1', 3, component]),
  ...[1, 2].map((component): Place => ['PV1', 7, component]),
  ['NK1', 2, 1],
];

export const readers: Readonly<Record<string, () => Promise<Reader>>> = {
  async 'plain split'() {
    const { splitRead } = await import('./split.ts');
    return (text) => splitRead(text, places);
  },
  async Weir() {
    const { Message } = await import('../src/hl7/message.ts');
    const { parsePath } = await import('../src/hl7/path.ts');
    const paths = places.map((place) => parsePath(pathText(place)));
    return (text) => {
      const message = Message.fromText(text);
      return paths.map((path) => message.get(path) ?? '');
    };
  },
  async 'Weir, paths as text'() {
    const { Message } = await import('../src/hl7/message.ts');
    const paths = places.map(pathText);
    return (text) => {
      const message = Message.fromText(text);
      return paths.map((path) => message.get(path) ?? '');
    };
  },
  async hl7v2() {
    const { HL7Message } = await import('hl7v2');
    return (text) => {
      const message = HL7Message.parse(text);
      return places.map(([segment, field, component]) =>
        String(message.getSegment(segment)?.field(field).getValue(component) ?? ''),
      );
    };
  },
  async 'node-hl7-client'() {
    const { Message } = await import('node-hl7-client');
    const paths = places.map((place) => place.join('.'));
    return (text) => {
      const message = new Message({ text });
      return paths.map((path) => message.get(path).toString());
    };
  },
  async '@medplum/core'() {
    const { Hl7Message } = await import('@medplum/core');
    return (text) => {
      const message = Hl7Message.parse(text);
      return places.map(([segment, field, component]) => message.getSegment(segment)?.getComponent(field, component) ?? '');
    };
  },
};

function pathText([segment, field, component]: Place): string {
  return `${segment}-${field}.${component}`;
}
