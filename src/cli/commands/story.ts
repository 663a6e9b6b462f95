/** cli/commands/story — `ekstwin story [NAME]`: a bundled example, told (what `npm start` runs). */
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
    .addHelpText('after', EXAMPLES)
    .action(async (name: string) => {
      const { tellStory } = await import('../story-answer.ts');
      await tellStory(name);
    });
}
