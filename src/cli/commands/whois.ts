/** cli/commands/whois — `ekstwin whois ADDRESS`: what has it, and what for. */
import { Command, Option } from 'commander';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';

export interface WhoisFlags extends TwinFlags {
  readonly output?: 'json' | 'yaml';
}

const EXAMPLES = `
Examples:
  ekstwin whois 10.0.3.50 -f .            pod, ENI, node, subnet, security groups
  ekstwin whois 172.20.0.10 -f .          which Service
  ekstwin whois 203.0.113.9 -f .          whose public address: a node's, a NAT gateway's
  ekstwin whois eni-0a1b2c3d4e5f -f .     what an interface is for
  ekstwin whois 10.0.0.2 -o json -f .     the resolver, as data

Exit status: 0 something has it; 1 nothing has it (the blocks that there are, are told);
2 it is no address.`;

export function whoisCommand(): Command {
  const command = new Command('whois')
    .summary('whose an address is: ENI, pod, node, Service, gateway, security groups')
    .argument('<address|eni>', 'an IPv4 or IPv6 address, or eni-…')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['json', 'yaml']))
    .addHelpText('after', EXAMPLES)
    .action(async (asked: string, flags: WhoisFlags) => {
      const { parseAsked, whoisAnswer } = await import('../whois-answer.ts');
      // What is no address is told before the time is spent to build the twin.
      const what = parseAsked(asked);
      const { text, isHeld } = await whoisAnswer(await openTwin(flags), what, flags.output);
      process.stdout.write(text);
      if (!isHeld) process.exitCode = 1;
    });
  return addTwinOptions(command);
}
