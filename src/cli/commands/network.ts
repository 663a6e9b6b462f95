/** cli/commands/network — `ekstwin network`: the whole network as a tree, or as a mermaid graph. */
import { Command, Option } from 'commander';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';

interface NetworkFlags extends TwinFlags {
  readonly output: 'text' | 'mermaid';
}

const EXAMPLES = `
Examples:
  ekstwin network -f cluster.yaml -f app.yaml
  ekstwin network -o mermaid -f cluster.yaml > network.mmd      for a README or a wiki`;

export function networkCommand(): Command {
  const command = new Command('network')
    .summary('the network as a picture: VPC, subnets, gateways, nodes, ENIs, pods')
    .addOption(
      new Option('-o, --output <format>', 'how to draw')
        .choices(['text', 'mermaid'])
        .default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: NetworkFlags) => {
      const twin = await openTwin(flags);
      if (flags.output === 'mermaid') {
        const { mermaid } = await import('../../formats/index.ts');
        console.log(mermaid(twin.store));
        return;
      }
      const [{ networkTree }, { viewOf }] = await Promise.all([
        import('../render/network.ts'),
        import('../view.ts'),
      ]);
      console.log(networkTree(viewOf(twin)).join('\n'));
    });
  return addTwinOptions(command);
}
