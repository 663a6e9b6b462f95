/** cli/commands/events — `ekstwin events`: what happened, oldest first, as `kubectl events`. */
import { Command, Option } from 'commander';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';

interface EventFlags extends TwinFlags {
  readonly namespace: string;
  readonly allNamespaces?: boolean;
  readonly for?: string;
  readonly types?: string;
  readonly output?: 'wide' | 'json' | 'yaml';
}

const EXAMPLES = `
Examples:
  ekstwin events -A --types Warning -f .
  ekstwin events --for pod/web-7d9f-abcde -n shop -f .`;

export function eventsCommand(): Command {
  const command = new Command('events')
    .summary('what happened, oldest first')
    .option('-n, --namespace <namespace>', 'whose events', 'default')
    .option('-A, --all-namespaces', 'every namespace')
    .option('--for <kind/name>', 'only events about this object')
    .option('--types <types>', 'Normal, Warning, or both separated by a comma')
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['wide', 'json', 'yaml']),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: EventFlags) => {
      const { selectEvents, printEvents } = await import('../events-answer.ts');
      const twin = await openTwin(flags);
      await printEvents(twin, selectEvents(twin, flags), flags);
    });
  return addTwinOptions(command);
}
