/** An error that the user can do something about: it is printed without a stack. */
export class CommandError extends Error {}

/** Runs a command to its end. After an error the process exits with status 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    console.error(error instanceof CommandError ? error.message : error);
    process.exitCode = 1;
  }
}
