import type { Case } from '../case.ts';
import { answers } from './answers.ts';
import { dates } from './dates.ts';
import { parsing } from './parsing.ts';
import { structure } from './structure.ts';
import { text } from './text.ts';
import { transport } from './transport.ts';

export const cases: readonly Case[] = [...parsing, ...text, ...dates, ...answers, ...transport, ...structure];
