/** cli/commands/node — `ekstwin node NAME`: what one would see on the node itself. */
import { Command } from 'commander';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';

const EXAMPLES = `
Examples:
  ekstwin node ip-10-0-1-5 -f .                       the pool as ipamd has it, and its files
  ekstwin node ip-10-0-1-5 cat /etc/cni/net.d/10-aws.conflist -f .
  ekstwin node ip-10-0-1-5 metrics -f .               what ipamd's :61678/metrics answers
  ekstwin node ip-10-0-1-5 introspect /v1/enis -f .   what 127.0.0.1:61679 answers`;

export function nodeCommand(): Command {
  const command = new Command('node')
    .summary('what one would see on a node: pool, plugin files, ipamd metrics and pages')
    .argument('<node>', 'its name, or the part before the first dot')
    .argument('[what]', 'pool, files, cat, metrics or introspect', 'pool')
    .argument('[path]', 'a file (cat) or a page (introspect)')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, what: string, path: string | undefined, flags: TwinFlags) => {
      const { nodeAnswer, parseView } = await import('../node-answer.ts');
      const view = parseView(what, path);
      process.stdout.write(nodeAnswer(await openTwin(flags), name, view));
    });
  return addTwinOptions(command);
}
