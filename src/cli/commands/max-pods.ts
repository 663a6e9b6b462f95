/** cli/commands/max-pods — `ekstwin max-pods TYPE…`: how many pods a node carries, in every mode. */
import { Command, Option } from 'commander';

interface MaxPodsFlags {
  readonly output?: 'text' | 'json' | 'yaml';
}

const EXAMPLES = `
Examples:
  ekstwin max-pods m5.large                    29, and 434, 20, 290 and 110 for the other modes
  ekstwin max-pods t3.small m5.4xlarge m7i.24xlarge
  ekstwin max-pods c6g.metal -o json`;

export function maxPodsCommand(): Command {
  return new Command('max-pods')
    .summary('max pods of instance types in every CNI mode, with the sum')
    .description(
      'The ENI formula and its variants: prefix delegation, custom networking, IPv6, what EKS ' +
        'enforces on managed node groups, and branch ENIs for security groups for pods.',
    )
    .argument('<types...>', 'EC2 instance types')
    .addOption(
      new Option('-o, --output <format>', 'how to print (text unless said)').choices([
        'text',
        'json',
        'yaml',
      ]),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (names: readonly string[], { output }: MaxPodsFlags) => {
      const [{ knownType }, { typeCapacity }, { typeCapacityText }, { asJson, asYaml }] =
        await Promise.all([
          import('../../analysis/capacity/plan.ts'),
          import('../../analysis/capacity/type-capacity.ts'),
          import('../render/capacity-types.ts'),
          import('../render/structured.ts'),
        ]);
      const answers = names.map((name) => typeCapacity(knownType(name, 'max-pods')));
      if (output === 'json') console.log(asJson(answers));
      else if (output === 'yaml') console.log(await asYaml(answers));
      else console.log(answers.map(typeCapacityText).join('\n\n'));
    });
}
