/** cli/commands/exec — `ekstwin exec pod/NS/NAME -- CMD…`: the built-in shell of a pod or a node. */
import { Command } from 'commander';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';

export interface ExecFlags extends TwinFlags {
  readonly container?: string;
  readonly answers?: readonly string[];
}

const EXAMPLES = `
A small shell with the usual tools: sh -c, curl, wget, nc, ping, dig, nslookup, getent, traceroute,
ip, ss, cat, env and more. Its packets are traced through the twin, so exit statuses and timeouts
are those of the real tools; timeouts pass at once. What an image answers to HTTP is a built-in
echo, unless --answers describes it.

Examples:
  ekstwin exec deploy/shop/web -f . -- curl -sv http://api.shop/health --connect-timeout 5
  ekstwin exec pod/shop/web-0 -f . -- sh -c 'nslookup api && nc -zv api 80'
  ekstwin exec node/ip-10-0-3-10 -f . -- ip rule
  ekstwin exec deploy/shop/web --answers answers.yaml -f . -- curl http://catalog/items
  ekstwin exec deploy/shop/web -f .                        a prompt

Exit status: the program's; 127 where there is none of that name.`;

const collected = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

export function execCommand(): Command {
  const command = new Command('exec')
    .summary('run curl, dig, nc, ping, sh and the like in a pod or on a node')
    .argument('<where>', 'pod/NS/NAME, deploy/NS/NAME and their like, or node/NAME')
    .argument('[command...]', 'after --: the program and its words; sh where there is none')
    .option('-c, --container <name>', 'of the pod; default the first')
    .option(
      '--answers <file>',
      'YAML or JSON of what images answer to HTTP requests (repeatable)',
      collected,
    )
    .addHelpText('after', EXAMPLES)
    .action(async (where: string, words: readonly string[], flags: ExecFlags) => {
      const { runInTwin } = await import('../exec-answer.ts');
      process.exitCode = await runInTwin(await openTwin(flags), where, words, flags);
    });
  return addTwinOptions(command);
}
