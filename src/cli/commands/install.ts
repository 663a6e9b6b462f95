/** cli/commands/install — `ekstwin install COMPONENT`: a controller that EKS does not bring. */
import { Command } from 'commander';

const EXAMPLES = `
Examples:
  ekstwin install aws-load-balancer-controller
  ekstwin install external-dns --namespace external-dns --set provider.name=aws --set policy=sync

What "helm upgrade --install" of the same chart would apply. Values that change what the controller
does are honoured; the others are named.`;

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function installCommand(): Command {
  return new Command('install')
    .summary('install a controller in the running twin, as its helm chart does')
    .argument('<component>', 'aws-load-balancer-controller or external-dns')
    .option('-n, --namespace <name>', 'where to; made if it is not there', 'kube-system')
    .option('--set <key=value>', "a value of the chart's (repeatable)", collect, [])
    .option('--name <name>', 'in which twin, where several run')
    .addHelpText('after', EXAMPLES)
    .action(async (component: string, flags: InstallFlags) => {
      const { install } = await import('../install-answer.ts');
      await install(component, flags);
    });
}

export interface InstallFlags {
  readonly namespace: string;
  readonly set: readonly string[];
  readonly name?: string;
}
