/**
 * cli/commands/lb — `ekstwin lb`: the load balancers there are; `lb explain`: which field made
 * what; `lb preview`: what applying files would change.
 */
import { Command, Option } from 'commander';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';

export interface LbFlags extends TwinFlags {
  readonly output: 'text' | 'wide' | 'json' | 'yaml';
}

const EXAMPLES = `
Examples:
  ekstwin lb -f cluster.yaml -f app.yaml            every load balancer: targets, addresses, price
  ekstwin lb -o wide -f .                           with DNS names and zones
  ekstwin lb explain ing/shop/web -f .              which field or annotation made what, and why not
  ekstwin lb explain svc/shop/api -f . -o json
  ekstwin lb preview new.yaml -f cluster.yaml -f app.yaml   what applying it would change

Prices are AWS's on-demand list prices for being there; what traffic adds is not in them.`;

const output = (...more: string[]): Option =>
  new Option('-o, --output <format>', 'how to print')
    .choices(['text', ...more, 'json', 'yaml'])
    .default('text');

export function lbCommand(): Command {
  const command = new Command('lb')
    .summary('load balancers: targets, addresses, price; which field made what; what would change')
    .description(
      'Lists the load balancers of the twin with their healthy targets, who made them, how many ' +
        'addresses they take from subnets, and what they cost a month for being there.',
    )
    .argument('[names...]', 'only these: names of load balancers, or ing/NS/NAME and svc/NS/NAME')
    .addOption(output('wide'))
    .addHelpText('after', EXAMPLES)
    .action(async (names: readonly string[], flags: LbFlags) => {
      const { printLoadBalancers } = await import('../lb-answer.ts');
      await printLoadBalancers(await openTwin(flags), names, flags);
    });
  addTwinOptions(command);
  command.addCommand(explainCommand());
  command.addCommand(previewCommand());
  // main hands its settings down after this command is made.
  return command.hook('preSubcommand', (parent, child) => {
    child.copyInheritedSettings(parent);
  });
}

const EXPLAIN_EXAMPLES = `
Examples:
  ekstwin lb explain ing/shop/web -f cluster.yaml -f app.yaml
  ekstwin lb explain svc/shop/api -f cluster.yaml -f app.yaml
  ekstwin lb explain ing/web -n shop -f . -o json

Exit status: 0 it has a load balancer; 1 it has none, and the reasons are told; 2 no such object.`;

function explainCommand(): Command {
  const command = new Command('explain')
    .summary('line by line: Kubernetes field or annotation → field of AWS')
    .description(
      'What of an Ingress or a Service became which field of which AWS resource, with the place in ' +
        'the files; and where nothing was made: the class, the subnets one by one, the events.',
    )
    .argument('<object>', 'ing/NS/NAME or svc/NS/NAME')
    .option('-n, --namespace <namespace>', 'of an object that names none', 'default')
    .addOption(output())
    .addHelpText('after', EXPLAIN_EXAMPLES)
    .action(async (asked: string, flags: LbFlags & { readonly namespace: string }) => {
      const { parseBalanced, printExplanation } = await import('../lb-explain-answer.ts');
      const object = parseBalanced(asked, flags.namespace);
      process.exitCode = await printExplanation(await openTwin(flags), object, flags);
    });
  return addTwinOptions(command);
}

export interface PreviewFlags extends TwinFlags {
  readonly output: 'text' | 'json' | 'yaml' | 'stack';
  readonly delete?: boolean;
  readonly exitCode?: boolean;
}

const PREVIEW_EXAMPLES = `
Examples:
  ekstwin lb preview -f cluster.yaml -f app.yaml            what its Ingresses and Services make
  ekstwin lb preview ingress.yaml -f cluster.yaml -f app.yaml   the same of one more file
  ekstwin lb preview ingress.yaml --delete -f cluster.yaml -f app.yaml -f ingress.yaml
  ekstwin lb preview ingress.yaml -o stack -f exports       the stack as the controller logs it

Exit status: 0 it can be applied; 1 a controller refuses something of it; 2 the files are wrong;
with --exit-code: 3 it would change something.`;

function previewCommand(): Command {
  const command = new Command('preview')
    .summary('a plan: load balancers that applying files would create, change, replace or delete')
    .description(
      'Applies the files in a copy of the twin and compares: + create, ~ change, -/+ replace, ' +
        '- delete. Without files: those of -f that make load balancers, held against a twin ' +
        'without them. Nothing is applied anywhere else.',
    )
    .argument('[files...]', 'manifests to apply, or - for standard input')
    .option('--delete', 'as kubectl delete -f has it, instead of apply')
    .option('--exit-code', 'exit with 3 when something would change')
    .addOption(
      new Option('-o, --output <format>', 'how to print')
        .choices(['text', 'json', 'yaml', 'stack'])
        .default('text'),
    )
    .addHelpText('after', PREVIEW_EXAMPLES)
    .action(async (files: readonly string[], flags: PreviewFlags) => {
      const { printPreview } = await import('../lb-preview-answer.ts');
      process.exitCode = await printPreview(files, flags);
    });
  return addTwinOptions(command);
}
