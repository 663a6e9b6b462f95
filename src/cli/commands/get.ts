/** cli/commands/get — `ekstwin get KIND [NAME…]`, for both sides, with kubectl's look. */
import { Command, Option } from 'commander';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';

export interface GetFlags extends TwinFlags {
  readonly namespace: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly output?: 'wide' | 'json' | 'yaml' | 'name';
  readonly showLabels?: boolean;
  readonly headers: boolean;
}

const EXAMPLES = `
Examples:
  ekstwin get pods -A -o wide -f .
  ekstwin get nodes,subnets -f cluster.yaml
  ekstwin get enis -o wide -f cluster.yaml -f app.yaml
  ekstwin get instances -o json -f cluster.yaml      as "aws ec2 describe-instances" prints
  ekstwin get pod/web-0 -n shop -o yaml -f .
  ekstwin get deploy,svc -l app=web -f .
  ekstwin get kinds                                  every name that get knows`;

export function getCommand(): Command {
  const command = new Command('get')
    .summary('list pods, nodes, ENIs, subnets … of the twin')
    .description('List one or more kinds, Kubernetes or AWS, as kubectl get does.')
    .argument(
      '<kind[,kind…]|kind/name>',
      'pods, svc, nodes, enis, subnets, security-groups … ("kinds" lists them)',
    )
    .argument('[names...]', 'only these')
    .option('-n, --namespace <namespace>', 'of namespaced kinds', 'default')
    .option('-A, --all-namespaces', 'every namespace')
    .option('-l, --selector <selector>', 'label (AWS kinds: tag) selector, e.g. app=web,tier!=db')
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['wide', 'json', 'yaml', 'name']),
    )
    .option('--show-labels', 'add a LABELS (AWS kinds: TAGS) column')
    .option('--no-headers', 'no column heads')
    .addHelpText('after', EXAMPLES)
    .action(async (kinds: string, names: readonly string[], flags: GetFlags) => {
      const answer = await import('../get-answer.ts');
      if (kinds === 'kinds') return answer.printKinds();
      // A wrong kind is told before the time is spent to build the twin.
      const targets = answer.parseTargets(kinds, names);
      await answer.printTargets(await openTwin(flags), targets, flags);
    });
  return addTwinOptions(command);
}
