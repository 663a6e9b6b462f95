/**
 * shell/network/node-tools — iptables-save, nft, sysctl: what the twin's description of the
 * namespace says, in the form of the tools.
 */
import { namespaceText, parseNamespaceView } from '../../formats/linux/namespace-view.ts';
import { InputError } from '../../model/input-error.ts';
import type { Program } from '../run.ts';
import { knownNamespace } from './ip-tools.ts';

export const nodeTool: Program = (run) => {
  const namespace = knownNamespace(run);
  if (namespace === undefined) return 1;
  const at = run.args.indexOf('-t');
  const table = at < 0 ? undefined : run.args[at + 1];
  const words = run.args.filter((it, i) => !it.startsWith('-') && (at < 0 || i !== at + 1));
  try {
    const isIpv6 = run.name.startsWith('ip6') || run.args.includes('-6');
    const view = parseNamespaceView([run.name, ...words], { table, isIpv6 });
    if (view !== undefined) run.out(namespaceText(namespace, view));
    return 0;
  } catch (mistake) {
    if (!(mistake instanceof InputError)) throw mistake;
    run.err(`${run.name}: ${mistake.problem}: not built into this shell (${mistake.hint})\n`);
    return 1;
  }
};
