/** Master files: staff, locations, tests, and records of any kind. */
import type { Golden } from './golden.ts';

export const masterFileGoldens: readonly Golden[] = [
  { name: 'mfn-m02', mapping: 'MFN_M02' },
  { name: 'mfn-m02-provenance', message: 'mfn-m02', settings: { provenance: 'message', messageHeader: true }, mapping: 'MFN_M02' },
  { name: 'mfn-m02-deleted', message: 'mfn-m02', settings: { deletes: 'delete' }, mapping: 'MFN_M02' },
  { name: 'mfn-m13', mapping: 'MFN_M13' },
  { name: 'mfn-m13-provenance', message: 'mfn-m13', settings: { provenance: 'message' }, mapping: 'MFN_M13' },
];
