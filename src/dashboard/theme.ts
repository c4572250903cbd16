import { createTheme, type MantineColorsTuple } from '@mantine/core';

const water: MantineColorsTuple = [
  '#e6f5f6',
  '#d0e8ea',
  '#a2d1d5',
  '#71b9bf',
  '#48a4ac',
  '#2c97a0',
  '#1a8f99',
  '#0b7a84',
  '#0b6b75',
  '#00565f',
];

/** Greys with the page's own tint, so that buttons and menus do not stand out brown against it. */
const dark: MantineColorsTuple = [
  '#d3dce1',
  '#b8c4ca',
  '#8a979e',
  '#66737a',
  '#3a454b',
  '#303a40',
  '#262f34',
  '#1a2125',
  '#151b1f',
  '#101417',
];

/** Fonts of the machine it is read on: nothing is fetched from elsewhere. */
export const theme = createTheme({
  colors: { water, dark },
  primaryColor: 'water',
  primaryShade: { light: 8, dark: 6 },
  autoContrast: true,
  respectReducedMotion: true,
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.125rem' }, h3: { fontSize: '1rem' } } },
});
