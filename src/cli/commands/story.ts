/** cli/commands/story — `ekstwin story [NAME]`: a bundled example, told, or kept up (`npm start`). */
import { Command } from 'commander';

const EXAMPLES = `
Examples:
  ekstwin story                    a shop in two zones
  ekstwin story list               every story, with its title
  ekstwin story the-slash-24       a plan for a hundred pods that does not fit`;

export function storyCommand(): Command {
  return new Command('story')
    .summary('run a bundled example and show its network')
    .description(
      'Tell a bundled example: its network, its pods, its subnets, and what to ask next.',
    )
    .argument('[name]', 'which example; "list" names them', 'highly-available')
    .option('--up', 'on a terminal: keep its twin up, for kubectl and aws')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, flags: { readonly up?: boolean }) => {
      const { liveStory, tellStory } = await import('../story-answer.ts');
      await (flags.up === true ? liveStory(name) : tellStory(name));
    });
}
