/** cli/commands/export — `ekstwin export DIR`: the twin as `aws describe-*` and `kubectl get` files. */
import { Command } from 'commander';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';

const EXAMPLES = `
Examples:
  ekstwin export ./twin -f cluster.yaml -f app.yaml
  ekstwin get pods -A -o wide -f ./twin             the same twin again, from its export`;

export function exportCommand(): Command {
  const command = new Command('export')
    .summary('write the twin as a folder of aws and kubectl exports')
    .argument('<folder>', 'where to; made if missing, must be empty or an earlier export')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, flags: TwinFlags) => {
      const { prepareFolder, writeExport } = await import('../export-answer.ts');
      prepareFolder(folder);
      const count = writeExport(folder, await openTwin(flags));
      console.log(`${folder}: ${count} files`);
    });
  return addTwinOptions(command);
}
