/** Master files: staff, locations, tests, and records of any kind. */
import type { Golden } from './golden.ts';

export const masterFileGoldens: readonly Golden[] = [
  { name: 'mfk-m01', mapping: 'MFK_M01' },
  { name: 'mfn-m02', mapping: 'MFN_M02' },
  { name: 'mfn-m02-provenance', message: 'mfn-m02', settings: { provenance: 'message', messageHeader: true }, mapping: 'MFN_M02' },
  { name: 'mfn-m02-deleted', message: 'mfn-m02', settings: { deletes: 'delete' }, mapping: 'MFN_M02' },
  { name: 'mfn-m05', mapping: 'MFN_M05' },
  { name: 'mfn-m05-found', message: 'mfn-m05', settings: { identityOf: { Location: 'identifier' } }, mapping: 'MFN_M05' },
  { name: 'mfn-m08', mapping: 'MFN_M08' },
  { name: 'mfn-m08-deleted', message: 'mfn-m08', settings: { deletes: 'delete', provenance: 'message' }, mapping: 'MFN_M08' },
  { name: 'mfn-m09', mapping: 'MFN_M09' },
  { name: 'mfn-m10', mapping: 'MFN_M10' },
  { name: 'mfn-m11', mapping: 'MFN_M11' },
  { name: 'mfn-m12', mapping: 'MFN_M12' },
  { name: 'mfn-m13', mapping: 'MFN_M13' },
  { name: 'mfn-m13-provenance', message: 'mfn-m13', settings: { provenance: 'message' }, mapping: 'MFN_M13' },
];
