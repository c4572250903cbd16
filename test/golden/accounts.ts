/** Accounts, charges, problems and referrals: a message of each structure. */
import type { Golden } from './golden.ts';

export const accountGoldens: readonly Golden[] = [
  { name: 'bar-p01', mapping: 'BAR_P01' },
  { name: 'bar-p02', mapping: 'BAR_P02' },
  { name: 'bar-p05', mapping: 'BAR_P05' },
  { name: 'bar-p06', mapping: 'BAR_P06' },
  { name: 'bar-p12', mapping: 'BAR_P12' },
  { name: 'dft-p03', mapping: 'DFT_P03' },
  { name: 'dft-p11', mapping: 'DFT_P11' },
  { name: 'ppr-pc1', mapping: 'PPR_PC1' },
  { name: 'ref-i12', mapping: 'REF_I12' },
];
