import {
  Badge,
  Button,
  Card,
  type CSSVariablesResolver,
  createTheme,
  InputDescription,
  InputError,
  type MantineColorsTuple,
  Modal,
  MultiSelect,
  Notification,
  Skeleton,
  Table,
  TagsInput,
  Tooltip,
} from '@mantine/core';

/** The accent. Not a status colour: success is green, running is blue, warnings are orange. */
const petrol: MantineColorsTuple = [
  '#e8f5f6',
  '#d2e9eb',
  '#a5d4d9',
  '#73bec5',
  '#4aaab4',
  '#2f98a3',
  '#1c8793',
  '#0f7480',
  '#0b5e68',
  '#074750',
];

const gray: MantineColorsTuple = [
  '#f6f8f9',
  '#eef2f4',
  '#e2e8eb',
  '#d2dadf',
  '#b3bec6',
  '#87949e',
  '#606d77',
  '#45515a',
  '#2a343b',
  '#161d22',
];

const dark: MantineColorsTuple = [
  '#dde4e8',
  '#b7c2c9',
  '#93a0a9',
  '#64717a',
  '#37424a',
  '#2b353c',
  '#212a30',
  '#1a2227',
  '#12181c',
  '#0c1114',
];

const tuple = (...shades: string[]) => shades as unknown as MantineColorsTuple;

/** Calmer than Mantine's own, so that a screen full of outcomes stays readable. */
const green = tuple(
  '#edf7f1',
  '#d9eee2',
  '#b2dcc4',
  '#83c5a0',
  '#56ad7c',
  '#379763',
  '#248252',
  '#176b42',
  '#0f5936',
  '#0a4528',
);
const red = tuple(
  '#fcf0ef',
  '#f9dedc',
  '#f1bcb8',
  '#e7938d',
  '#dd6b64',
  '#d04d45',
  '#bd382f',
  '#a22d25',
  '#87251f',
  '#671b17',
);
const orange = tuple(
  '#fdf4ea',
  '#fae6cd',
  '#f3cb98',
  '#eaad60',
  '#df9131',
  '#cd7c17',
  '#b0670f',
  '#8f530c',
  '#74430a',
  '#563208',
);
const yellow = tuple(
  '#fbf6e3',
  '#f6ebc0',
  '#ecd787',
  '#dfbf4d',
  '#cda727',
  '#b48f14',
  '#94750f',
  '#765d0d',
  '#614c0b',
  '#473808',
);
const blue = tuple(
  '#eef4fb',
  '#dae7f6',
  '#b3cdec',
  '#85aee0',
  '#5a90d3',
  '#3b77c3',
  '#2a63ad',
  '#1f5194',
  '#19437b',
  '#12325d',
);

export const theme = createTheme({
  colors: { petrol, gray, dark, green, red, orange, yellow, blue },
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 7 },
  black: '#161d22',
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.45', sm: '1.5', md: '1.55', lg: '1.5', xl: '1.4' },
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '16px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: {
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '22px', lineHeight: '1.3' },
      h2: { fontSize: '16px', lineHeight: '1.4' },
      h3: { fontSize: '14px', lineHeight: '1.45' },
    },
  },
  components: {
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } }),
    Badge: Badge.extend({
      defaultProps: { radius: 'sm', variant: 'light' },
      styles: { root: { textTransform: 'none', fontWeight: 600, flex: 'none' } },
    }),
    Button: Button.extend({ styles: { label: { fontWeight: 560 } } }),
    Card: Card.extend({ defaultProps: { withBorder: true, radius: 'lg', padding: 'lg' } }),
    InputDescription: InputDescription.extend({ styles: { description: { fontSize: '12px', lineHeight: 1.45 } } }),
    InputError: InputError.extend({ styles: { error: { fontSize: '13px' } } }),
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }),
    // The field beside the pills takes the room that they leave, not a line of its own.
    MultiSelect: MultiSelect.extend({ styles: { inputField: { minWidth: 8 } } }),
    TagsInput: TagsInput.extend({ styles: { inputField: { minWidth: 8 } } }),
    Skeleton: Skeleton.extend({ defaultProps: { radius: 'sm' } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 8, horizontalSpacing: 'sm' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, withArrow: true } }),
  },
});

const tints = ['petrol', 'green', 'red', 'orange', 'yellow', 'blue', 'gray'];

function tinted(light: (color: string) => [background: string, text: string]): Record<string, string> {
  return Object.fromEntries(
    tints.flatMap((color) => {
      const [background, text] = light(color);
      return [
        [`--mantine-color-${color}-light`, background],
        [`--mantine-color-${color}-light-hover`, background],
        [`--mantine-color-${color}-light-color`, text],
      ];
    }),
  );
}

/** The tints of badges and banners: readable in both schemes, loud in neither. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: tinted((color) => [`var(--mantine-color-${color}-1)`, `var(--mantine-color-${color}-8)`]),
  dark: {
    ...tinted((color) => [
      `color-mix(in srgb, var(--mantine-color-${color}-5) 18%, transparent)`,
      `var(--mantine-color-${color}-${color === 'gray' ? 4 : 2})`,
    ]),
    '--mantine-color-error': 'var(--mantine-color-red-3)',
    '--mantine-color-anchor': 'var(--mantine-color-petrol-3)',
  },
});
