package dev.tandem.datasets;

import dev.tandem.datasets.Catalog.DataFile;
import dev.tandem.datasets.Catalog.Entry;
import dev.tandem.datasets.TextDataset.Options;
import java.util.List;
import java.util.Map;

/** The texts with classes of the catalog. */
final class TextEntries {
  private static final String CC_BY = "CC BY 4.0";
  private static final Map<String, String> SENTIMENTS = Map.of("0", "negative", "1", "positive");

  static final List<Entry> ALL =
      List.of(
          new Entry(
              "sms-spam",
              "Text messages: spam or not",
              Task.CLASSIFICATION,
              "https://archive.ics.uci.edu/dataset/228/sms+spam+collection",
              CC_BY,
              false,
              List.of(
                  new DataFile(
                      "sms_spam.tsv",
                      477907,
                      "7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d")),
              (entry, files, provenance) ->
                  texts(entry, tabSeparated(entry, files), -1, Options.WORDS, provenance)),
          new Entry(
              "sentiment-sentences",
              "Sentences of reviews from Amazon, IMDB and Yelp: negative or positive",
              Task.CLASSIFICATION,
              "https://archive.ics.uci.edu/dataset/331/sentiment+labelled+sentences",
              CC_BY,
              false,
              List.of(
                  new DataFile(
                      "sentiment_amazon.tsv",
                      58226,
                      "47003fc0a0d4840b00e96e715b6189bad09e7443a3da41c4cbe12ffc79f86ae3"),
                  new DataFile(
                      "sentiment_imdb.tsv",
                      85285,
                      "aef2e49e3da25714d61175e3a6e68eeef74a20a2f914318dc3be9947ea86512d"),
                  new DataFile(
                      "sentiment_yelp.tsv",
                      61320,
                      "c76468b7b5c6e56a0804d728345c5f84aa2142ddb214420f61cc9cfd4c00d2ea")),
              (entry, files, provenance) ->
                  texts(
                      entry,
                      tabSeparated(entry, files).renamed(SENTIMENTS),
                      -1,
                      Options.WORDS,
                      provenance)),
          new Entry(
              "rt-polarity",
              "Sentences of film reviews: negative or positive",
              Task.CLASSIFICATION,
              "https://www.cs.cornell.edu/people/pabo/movie-review-data/",
              CC_BY,
              false,
              List.of(
                  new DataFile(
                      "rt-polarity.neg",
                      612441,
                      "614274f81185a850e5a88d533d4679f916d6f62e9af6f0b4ec71fb94bf466ea5"),
                  new DataFile(
                      "rt-polarity.pos",
                      626334,
                      "c2dc6b2f55bcf725725372916287cc3f8f9b19402edaa9167de5287cb3ade421")),
              (entry, files, provenance) ->
                  texts(
                      entry,
                      LabelledTexts.lines("rt-polarity.neg", files.get(0), "negative")
                          .and(LabelledTexts.lines("rt-polarity.pos", files.get(1), "positive")),
                      -1,
                      Options.WORDS,
                      provenance)),
          new Entry(
              "imdb",
              "Film reviews: negative or positive, with an official test part",
              Task.CLASSIFICATION,
              "https://ai.stanford.edu/~amaas/data/sentiment/",
              "none stated",
              false,
              List.of(
                  new DataFile(
                      "train.tsv",
                      33388566,
                      "67d436b33943e5100fb2cbc25009493c00807da48d25ad45246fdd5bb3f59569"),
                  new DataFile(
                      "test.tsv",
                      32604478,
                      "923dbaf0939ee2d17ac6e0648d3b94f833e709d16dc8d8cfaab3133fbbae5b41")),
              (entry, files, provenance) -> {
                LabelledTexts train = LabelledTexts.tabSeparated("train.tsv", files.get(0), null);
                LabelledTexts test = LabelledTexts.tabSeparated("test.tsv", files.get(1), null);
                return texts(
                    entry,
                    train.and(test).renamed(SENTIMENTS),
                    train.texts().size(),
                    Options.WORDS,
                    provenance);
              }),
          new Entry(
              "names",
              "Surnames, letter by letter: the language out of 18",
              Task.CLASSIFICATION,
              "https://github.com/spro/practical-pytorch",
              "MIT",
              false,
              List.of(
                  new DataFile(
                      "names_language.tsv",
                      319605,
                      "d846a22065ce58ec565b49163dd9e0ff7e236286ef50db4cffcae292305d1695")),
              (entry, files, provenance) ->
                  texts(entry, tabSeparated(entry, files), -1, Options.CHARACTERS, provenance)),
          new Entry(
              "ud-ewt",
              "English Web Treebank: the part of speech of each word",
              Task.TAGGING,
              "https://github.com/UniversalDependencies/UD_English-EWT",
              "CC BY-SA 4.0",
              false,
              List.of(
                  new DataFile(
                      "ud_ewt_dev_upos.tsv",
                      253532,
                      "f70c1b8b52e8faf98950b1d93b3d20b03eb0a8afb18487e8f53e29b8cc6ff6d4"),
                  new DataFile(
                      "ud_ewt_test_upos.tsv",
                      252875,
                      "6d9d56c725d62234a54249a8b4027d839e4ee94c9b07cd360dad28ab88463beb")),
              TextEntries::treebank));

  private TextEntries() {}

  private static RawDataset texts(
      Entry entry,
      LabelledTexts data,
      int officialTestFrom,
      Options options,
      Provenance provenance) {
    return new TextDataset(entry.id(), data, officialTestFrom, options, provenance);
  }

  private static LabelledTexts tabSeparated(Entry entry, List<byte[]> files) {
    LabelledTexts all = new LabelledTexts(List.of(), List.of());
    for (int i = 0; i < files.size(); i++) {
      all = all.and(LabelledTexts.tabSeparated(entry.files().get(i).name(), files.get(i), null));
    }
    return all;
  }

  private static RawDataset treebank(Entry entry, List<byte[]> files, Provenance provenance) {
    Sentences train = Sentences.parse(entry.files().get(0).name(), files.get(0), true);
    Sentences test = Sentences.parse(entry.files().get(1).name(), files.get(1), true);
    return new TaggingDataset(
        entry.id(), train.and(test), train.size(), TaggingDataset.Options.DEFAULT, provenance);
  }
}
