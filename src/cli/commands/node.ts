/** cli/commands/node — `ekstwin node NAME`: what one would see on the node, or in a pod, itself. */
import { Command, Option } from 'commander';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';

interface NodeFlags extends TwinFlags {
  readonly table?: string;
  readonly 6?: boolean;
  readonly output?: 'json' | 'yaml';
}

const EXAMPLES = `
Views of the node:
  pool                                    the address pool as ipamd has it, and its files (default)
  files, cat FILE                         the plugin's files; /etc/resolv.conf; /proc/sys/net/…
  metrics, introspect PAGE                what ipamd answers on :61678 and 127.0.0.1:61679
Views of its network, and of a pod's, in the words and the form of the tools:
  ip rule | ip route [show table all|N] | ip addr | ip neigh      with -6 for IPv6
  iptables-save [-t TABLE] | ip6tables-save | nft list ruleset
  ss | sysctl [NAME]                      what listens, as ss -ltnup, and what declares it

Examples:
  ekstwin node ip-10-0-1-5 -f .
  ekstwin node ip-10-0-1-5 cat /etc/cni/net.d/10-aws.conflist -f .
  ekstwin node ip-10-0-1-5 ip rule -f .
  ekstwin node ip-10-0-1-5 ip route show table all -f .   "ip route" alone misses tables 2, 3, …
  ekstwin node ip-10-0-1-5 iptables-save -t nat -f .      KUBE-SERVICES and AWS-SNAT-CHAIN-0
  ekstwin node pod/shop/web-0 ip route -f .               the same inside a pod
  ekstwin node deploy/shop/web cat /etc/resolv.conf -f .  one pod of a deployment`;

export function nodeCommand(): Command {
  const command = new Command('node')
    .summary('what one would see on a node or in a pod: ip, iptables, nft, ss, files, pool')
    .argument('<node>', 'a node (whole name, or before the first dot), or pod/NS/NAME')
    .argument('[view...]', 'pool, files, cat, metrics, introspect, ip …, iptables-save, nft, ss')
    .option('-t, --table <table>', 'of iptables-save: nat, filter, mangle or raw')
    .option('-6', 'IPv6, of ip rule, ip route and iptables-save')
    .addOption(
      new Option('-o, --output <format>', 'a view of the network as data').choices([
        'json',
        'yaml',
      ]),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, words: readonly string[], flags: NodeFlags) => {
      const { nodeAnswer, parseView } = await import('../node-answer.ts');
      const view = parseView(words, { table: flags.table, isIpv6: flags[6] === true });
      const { text, note } = await nodeAnswer(await openTwin(flags), name, view, flags.output);
      process.stdout.write(text);
      if (note !== undefined && flags.quiet !== true) console.error(`note: ${note}`);
    });
  return addTwinOptions(command);
}
