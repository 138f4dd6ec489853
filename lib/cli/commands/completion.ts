import { Argument } from 'commander';
import { type AddCommand, OK_STATUS } from '../command.ts';
import { candidates, scripts } from '../completion.ts';

const examples = `
Examples:
  $ source <(fdpoll completion bash)      in ~/.bashrc
  $ source <(fdpoll completion zsh)       in ~/.zshrc, after compinit
  $ fdpoll completion fish > ~/.config/fish/completions/fdpoll.fish
`;

export const addCompletion: AddCommand = (program, host, finish) => {
  program
    .command('completion')
    .description('print the script by which a shell completes what is typed')
    .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(scripts)))
    .addHelpText('after', examples)
    .action((shell: keyof typeof scripts) => {
      host.stdout.write(scripts[shell]);
      finish(OK_STATUS);
    });
  program
    .command('complete', { hidden: true })
    .description('what the last of these words may be')
    .argument('[word...]', 'what was typed after fdpoll')
    .action((words: string[]) => {
      host.stdout.write(
        candidates(program, words)
          .map((name) => `${name}\n`)
          .join(''),
      );
      finish(OK_STATUS);
    });
};
