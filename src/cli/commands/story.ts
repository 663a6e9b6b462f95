/** cli/commands/story — `ekstwin story [NAME]`: a bundled example, told (what `npm start` runs). */
import { Command } from 'commander';

export function storyCommand(): Command {
  return new Command('story')
    .summary('run a bundled example and show its network')
    .argument('[name]', 'which example; "list" names them', 'highly-available')
    .action(async (name: string) => {
      const { tellStory } = await import('../story-answer.ts');
      await tellStory(name);
    });
}
