/** The version of the engine, as `dag --version` prints it. */
export const version = "0.1.0"
