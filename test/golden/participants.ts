/** Who took part (PRT, HL7 2.9, 7.3.4), what software sent it, and who wrote what when. */
import type { Golden } from './golden.ts';

const told = { provenance: 'message', messageHeader: true } as const;

/** A participation that is taken back says nothing of who takes part. */
const takenBack = [2, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5].map((field, at) => `PRT[2]-${field}[1].${[1, 1, 2, 3, 1, 2, 3, 6, 9, 10, 13][at]}.1`);

export const participantGoldens: readonly Golden[] = [
  { name: 'adt-a01-participants', mapping: 'ADT_A01', dropped: takenBack },
  { name: 'adt-a01-participants-provenance', message: 'adt-a01-participants', settings: { ...told, vip: 'person' }, mapping: 'ADT_A01', dropped: takenBack },
  { name: 'oru-participants', mapping: 'ORU_R01' },
  { name: 'mdm-t02-provenance', message: 'mdm-t02', settings: told, mapping: 'MDM_T02' },
  { name: 'siu-s12-provenance', message: 'siu-s12', settings: told, mapping: 'SIU_S12' },
];
