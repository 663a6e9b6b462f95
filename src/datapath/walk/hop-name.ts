/** datapath/walk/hop-name — what places are called in a trace. */
import type { NamespaceId } from '../../model/linux/namespace.ts';

/** `node ip-10-0-3-10…` or `pod default/web`. */
export const hopOf = (id: NamespaceId): string => {
  const at = id.indexOf('/');
  return `${id.slice(0, at)} ${id.slice(at + 1)}`;
};
