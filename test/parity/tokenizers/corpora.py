"""Strings of the published corpora, found by file, document and portion; corpora.ts finds the same ones."""
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

CDR = "cdr/CDR_TrainingSet.PubTator.txt"
CHEMPROT = "chemprot/chemprot_training/chemprot_training_{}.tsv"
DCE = "dce/final_train_set.jsonl"
DDI = "ddi/xml_corpus/Train"


def sentence(relations):
    """What a model might be asked to write: the arguments of each relation around its label."""
    return "; ".join(f"{' and '.join(arguments)} have the relation {label}" for label, arguments in relations) + "."


def cdr(root):
    texts, names, relations = {}, {}, {}
    for line in (root / CDR).read_text(encoding="utf-8").split("\n"):
        parts, fields = line.split("|", 2), line.split("\t")
        if len(parts) == 3 and parts[1] in ("t", "a"):
            texts.setdefault(parts[0], []).append(parts[2])
        elif len(fields) >= 6:
            names.setdefault((fields[0], fields[5]), fields[3])
        elif len(fields) == 4:
            arguments = [names.get((fields[0], concept), concept) for concept in fields[2:]]
            relations.setdefault(fields[0], []).append((fields[1], arguments))
    return {document: (" ".join(text), relations.get(document, [])) for document, text in texts.items()}


def tsv(root, table):
    lines = (root / CHEMPROT.format(table)).read_text(encoding="utf-8").split("\n")
    return [line.split("\t") for line in lines if line]


def chemprot(root):
    names = {(row[0], row[1]): row[5] for row in tsv(root, "entities")}
    relations = {}
    for row in tsv(root, "relations"):
        arguments = [names[row[0], argument.split(":")[1]] for argument in row[4:6]]
        relations.setdefault(row[0], []).append((row[3], arguments))
    return {row[0]: (" ".join(row[1:3]), relations.get(row[0], [])) for row in tsv(root, "abstracts")}


def dce(root):
    documents = {}
    for number, line in enumerate((root / DCE).read_text(encoding="utf-8").split("\n")):
        if line:
            row = json.loads(line)
            names = {span["span_id"]: span["text"] for span in row["spans"]}
            relations = [(each["class"], [names[span] for span in each["spans"]]) for each in row["rels"]]
            documents[str(number)] = (row["paragraph"], relations)
    return documents


def ddi(root):
    documents = {}
    for path in sorted((root / DDI).glob("*/*.xml"), key=str):
        sentences = ElementTree.parse(path).getroot().findall("sentence")
        names = {each.get("id"): each.get("text") for one in sentences for each in one.findall("entity")}
        pairs = [each for one in sentences for each in one.findall("pair") if each.get("ddi") == "true"]
        relations = [(each.get("type"), [names[each.get("e1")], names[each.get("e2")]]) for each in pairs]
        documents[f"{path.parent.name}/{path.name}"] = ("".join(one.get("text") for one in sentences), relations)
    return documents


def locate(root, texts, targets):
    """Of each corpus `texts` texts and `targets` relation sentences, evenly spread: (corpus, document, portion, text)."""
    found = []
    for corpus, read in (("cdr", cdr), ("chemprot", chemprot), ("dce", dce), ("ddi", ddi)):
        documents = read(Path(root))
        related = [document for document, (_, relations) in documents.items() if relations]
        for portion, among, count in (("text", list(documents), texts), ("relations", related, targets)):
            for index in range(count):
                document = among[index * len(among) // count]
                text, relations = documents[document]
                found.append((corpus, document, portion, text if portion == "text" else sentence(relations)))
    return found
