/**
 * cli/commands/capacity — `ekstwin capacity`: what is left of each subnet and node, what fails
 * next, what would help; and `ekstwin capacity plan`, the same for a cluster not built yet.
 */
import { Command, Option } from 'commander';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';

type OutputFormat = 'text' | 'json' | 'yaml';

interface CapacityCommandFlags extends TwinFlags {
  readonly deployment?: string;
  readonly pods?: string;
  readonly output?: OutputFormat;
}

interface PlanCommandFlags {
  readonly nodes?: string;
  readonly type?: string;
  readonly pods?: string;
  readonly subnetSize: string;
  readonly loadBalancers: string;
  readonly natGateways: string;
  readonly setEnv?: readonly string[];
  readonly output?: OutputFormat;
}

const EXAMPLES = `
Examples:
  ekstwin capacity -f cluster.yaml -f app.yaml                   every subnet and node
  ekstwin capacity private-1a -f .                               one subnet, by id, name or CIDR
  ekstwin capacity --deployment shop/web --pods 40 -f .          would 40 more of these fit?
  ekstwin capacity -f . --set-env daemonset/aws-node:WARM_IP_TARGET=2
  ekstwin capacity plan --nodes 10 --type m5.large --pods 100 --subnet-size /24`;

const PLAN_EXAMPLES = `
Examples:
  ekstwin capacity plan --nodes 10 --type m5.large --pods 100 --load-balancers 5 --nat-gateways 2
  ekstwin capacity plan --nodes 40 --type m5.xlarge --pods 900 --subnet-size /22
  ekstwin capacity plan --nodes 10 --type m5.large --pods 100 --set-env WARM_IP_TARGET=2`;

const outputOption = (): Option =>
  new Option('-o, --output <format>', 'how to print (text unless said)').choices([
    'text',
    'json',
    'yaml',
  ]);

/** Prints text, or the plain data as JSON or YAML. */
async function print(value: unknown, text: () => string, output: OutputFormat | undefined) {
  const { asJson, asYaml } = await import('../render/structured.ts');
  if (output === 'json') console.log(asJson(value));
  else if (output === 'yaml') console.log(await asYaml(value));
  else console.log(text());
}

export function capacityCommand(): Command {
  const command = new Command('capacity')
    .summary('what is left of each subnet and node, what fails next, what helps')
    .description(
      'For every subnet: who has its addresses, what is free and how it lies. For every node: ENIs, ' +
        'addresses, and what limits the next pod. For the cluster: how many more pods fit, what ' +
        'stops the next one, what each CNI setting would change, remedies in order of effort.',
    )
    .argument('[subnets...]', 'only these: ids, Name tags or CIDRs')
    .option('--deployment <namespace/name>', 'fit pods of this Deployment, with its requests')
    .option('--pods <number>', 'whether that many more pods fit')
    .addOption(outputOption())
    .addHelpText('after', EXAMPLES)
    .action(async (subnets: readonly string[], flags: CapacityCommandFlags) => {
      const [{ capacity }, { poolOfIpamd }, { capacityText }, { wholeNumber }] = await Promise.all([
        import('../../analysis/capacity/answer.ts'),
        import('../../analysis/capacity/ipamd-pool.ts'),
        import('../render/capacity.ts'),
        import('./capacity-flags.ts'),
      ]);
      const pods = flags.pods === undefined ? undefined : wholeNumber(flags.pods, '--pods', 0);
      const twin = await openTwin(flags);
      const nodePools = (nodeName: string) => {
        const state = twin.nodePool(nodeName);
        return state === undefined ? undefined : poolOfIpamd(state);
      };
      const answer = capacity(
        { store: twin.store, nodePools },
        { subnets, deployment: flags.deployment, pods },
      );
      await print(answer, () => capacityText(answer), flags.output);
    });
  addTwinOptions(command);
  command.addCommand(planCommand());
  // main hands its settings down after this command is made.
  return command.hook('preSubcommand', (parent, plan) => {
    plan.copyInheritedSettings(parent);
  });
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

function planCommand(): Command {
  const command = new Command('plan')
    .summary('the same for a cluster that is not built yet')
    .description(
      'How many addresses nodes and pods will take of one subnet: the formula guides give beside ' +
        'what the VPC CNI really takes, setting by setting. Needs no input files.',
    )
    .option('--nodes <number>', 'how many nodes')
    .option('--type <instance type>', 'their instance type, e.g. m5.large')
    .option('--pods <number>', 'pods with an address, over all nodes')
    .option('--subnet-size <bits>', 'size of the subnet: /16 to /28', '/24')
    .option('--load-balancers <number>', 'load balancer addresses in the subnet', '0')
    .option('--nat-gateways <number>', 'NAT gateways in the subnet', '0')
    .option(
      '--set-env <key=value>',
      'aws-node variable, e.g. WARM_IP_TARGET=2 (repeatable)',
      collect,
    )
    .addOption(outputOption())
    .addHelpText('after', PLAN_EXAMPLES)
    .action(async (flags: PlanCommandFlags) => {
      const [{ plan }, { planText }, { planFlags }, { cniDoubts }] = await Promise.all([
        import('../../analysis/capacity/plan.ts'),
        import('../render/capacity-plan.ts'),
        import('./capacity-flags.ts'),
        import('../../twin/cni-doubts.ts'),
      ]);
      const asked = planFlags(flags);
      const answer = plan(asked);
      for (const { where, text } of cniDoubts(asked.variables)) {
        console.error(`note: ${where}: ${text}`);
      }
      await print({ asked, ...answer }, () => planText(asked, answer), flags.output);
    });
  return command;
}
