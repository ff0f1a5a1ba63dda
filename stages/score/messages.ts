/** The words of what can be wrong with a run that is to be scored. */

const generateAgain = "generate for the same examples that are scored, each once"

export const repeatedDocument = {
  message: (id: string) => `document ${id} is among the documents twice`,
  help: "give each document of the corpus once",
}
export const exampleWithoutDocument = {
  message: (partition: string, id: string) => `the ${partition} example ${id} is of none of the documents`,
  help: "give the documents that were rendered",
}
export const repeatedExample = {
  message: (partition: string, id: string) => `document ${id} is among the ${partition} examples twice`,
  help: generateAgain,
}
export const notAnExample = {
  message: (partition: string, id: string) => `document ${id} was generated and is not among the ${partition} examples`,
  help: generateAgain,
}
export const repeatedGeneration = {
  message: (id: string) => `document ${id} was generated twice`,
  help: generateAgain,
}
export const generationMissing = {
  message: (partition: string, id: string) => `nothing was generated for ${partition} document ${id}`,
  help: generateAgain,
}
export const shotWithoutExample = {
  message: (id: string) => `the model learned from document ${id}, which is not among the examples to learn from`,
  help: "give the examples that the shots were chosen from",
}
