/**
 * controllers/eks-control-plane/configuration-values — an add-on's `configurationValues`, JSON or
 * YAML text, as a tree, and the small ways to read it.
 */
import { parse } from 'yaml';
import { InputError } from '../../model/input-error.ts';

export type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The values as a tree; empty when there are none.
 *
 * @throws InputError when the text is no mapping
 */
export const configurationTree = (addonName: string, text: string | undefined): Tree => {
  if (text === undefined || text.trim() === '') return {};
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch {
    parsed = undefined;
  }
  if (isTree(parsed)) return parsed;
  throw new InputError(
    `add-on ${addonName}`,
    'ConfigurationValue is not in the correct format: it is no JSON or YAML mapping',
    'write it as {"env":{"ENABLE_PREFIX_DELEGATION":"true"}}',
  );
};

/** The tree below `key`; empty when there is none. */
export const branch = (tree: Tree, key: string): Tree => {
  const found = tree[key];
  return isTree(found) ? found : {};
};

/** The tree's own values as text, as environments and ConfigMaps want them. */
export const texts = (tree: Tree): Record<string, string> => {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(tree)) {
    if (value !== null && value !== undefined && typeof value !== 'object') {
      found[key] = String(value);
    }
  }
  return found;
};

/** A switch, written as `true` or `"true"`. */
export const isOn = (tree: Tree, key: string): boolean => String(tree[key] ?? 'false') === 'true';
