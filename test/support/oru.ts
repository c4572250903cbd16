/** A small ORU_R01 for tests of message maps, and how its results are looked at. */
import type { MapResult, MapSettings } from '../../src/map/types.ts';
import { mapperOf, messageOf, received, resourcesOf } from './mapping.ts';
export const pid =
  'map: "PID[Patient]"\nsegment: PID\nresource: Patient\nrows:\n  - {from: PID-3, to: identifier, with: [{from: PID-3.1, to: value}, {from: PID-3.4, to: system}]}\n  - {from: PID-7, to: birthDate}';
export const obr =
  'map: "OBR[DiagnosticReport]"\nsegment: OBR\nresource: DiagnosticReport\nrows:\n  - {from: OBR-4, to: code.text}';
export const obx = 'map: "OBX[Observation]"\nsegment: OBX\nresource: Observation\nrows:\n  - {from: OBX-3, to: code.text}';
export const nte = 'map: "NTE[Observation]"\nsegment: NTE\nresource: Observation\nrows:\n  - {from: NTE-3, to: note.text}';

export const build = `message: ORU_R01
for: [ORU^R01]
build:
  - {skip: MSH, why: no data}
  - group: PATIENT_RESULT
    build:
      - group: PATIENT
        build:
          - {segment: PID, make: Patient, as: patient, map: "PID[Patient]", mode: create}
      - group: ORDER_OBSERVATION
        build:
          - {segment: ORC, fill: report, rows: [{from: ORC-9, to: issued}]}
          - {segment: OBR, make: DiagnosticReport, as: report, map: "OBR[DiagnosticReport]", refs: {subject: patient}, key: {first: [OBR-3, OBR-2], by: [OBR-4]}}
          - group: OBSERVATION
            build:
              - {segment: OBX, make: Observation, as: result, map: "OBX[Observation]", refs: {subject: patient}, into: report.result, key: {of: report, by: [OBX-3]}}
              - {segment: NTE, fill: result, map: "NTE[Observation]"}`;

/** The result of these segments, by that map or another. */
export function oru(segments: readonly string[], settings: Partial<MapSettings> = {}, map = build): MapResult {
  return mapperOf([pid, obr, obx, nte, map], settings).map('ORU_R01', messageOf(...segments), { receivedAt: received });
}

/** Resources by the text or number that tells them apart. */
export function named(result: MapResult): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    resourcesOf(result).map((resource) => {
      const { code, identifier } = resource as { code?: { text: string }; identifier?: { value: string }[] };
      return [`${resource.resourceType} ${code?.text ?? identifier?.[0]?.value ?? ''}`, resource];
    }),
  );
}

/** The address of a resource of this type, of several the one at that place. */
export const urlOf = (result: MapResult, type: string, at = 0) =>
  (result.bundle.entry ?? []).filter((entry) => entry.resource?.resourceType === type)[at]?.fullUrl;
