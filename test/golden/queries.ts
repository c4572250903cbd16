/** Queries and their answers (HL7 2.9, 3.3.56 to 3.3.59; CDC's immunization guide, release 1.5). */
import type { Golden } from './golden.ts';

export const queryGoldens: readonly Golden[] = [
  { name: 'qbp-q22', mapping: 'QBP_Q21' },
  { name: 'qbp-z44', mapping: 'QBP_Q11' },
  { name: 'rsp-k21', mapping: 'RSP_K21' },
  { name: 'rsp-k22', mapping: 'RSP_K22' },
  { name: 'rsp-k22-none', mapping: 'RSP_K22' },
  { name: 'rsp-k23', mapping: 'RSP_K23' },
  { name: 'rsp-k24', mapping: 'RSP_K23' },
  { name: 'rsp-k11-z32', mapping: 'RSP_K11' },
  { name: 'rsp-k11-z33', mapping: 'RSP_K11' },
  { name: 'rsp-k11-z42', mapping: 'RSP_K11' },
];
