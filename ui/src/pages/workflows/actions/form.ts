import type { Config } from '../definition';

/** What the form of every action gets. */
export interface FormProps {
  config: Config;
  /** Changes settings; undefined takes one away. */
  set: (patch: Config) => void;
  /** Where the settings are in the definition's JSON, e.g. "actions[2].config". */
  path: string;
}

export const textOf = (config: Config, key: string): string => {
  const value = config[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

export const numberOf = (config: Config, key: string): number => {
  const value = Number(config[key]);
  return Number.isFinite(value) ? value : 0;
};

export const listOf = (config: Config, key: string): string[] =>
  Array.isArray(config[key]) ? (config[key] as unknown[]).map(String) : [];

export const recordOf = (config: Config, key: string): Record<string, string> => {
  const value = config[key];
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, typeof v === 'string' ? v : String(v ?? '')]));
};

/** An optional text: nothing is written down while it is empty. */
export const optional = (text: string): string | undefined => text || undefined;
