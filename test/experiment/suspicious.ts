/** A document of CDR that says that lead causes something. */
export const cdrDocument = (id: string, disease: string, wrong = false): string =>
  [
    `${id}|t|Lead causes ${disease}.`,
    `${id}|a|`,
    `${id}\t0\t${wrong ? "5" : "4"}\tLead\tChemical\tD007854`,
    `${id}\t12\t${12 + disease.length}\t${disease}\tDisease\tD005076`,
    `${id}\tCID\tD007854\tD005076`,
    "",
    "",
  ].join("\n")
