package dev.tandem.datasets;

import dev.tandem.datasets.Catalog.DataFile;
import dev.tandem.datasets.Catalog.Entry;
import dev.tandem.datasets.LanguageDataset.Options;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/** The texts of the catalog, for language models of characters. */
final class LanguageEntries {
  private static final String PUBLIC_DOMAIN = "public domain";
  private static final String JDK_LICENCE = "GPL-2.0 with Classpath Exception";
  private static final String JDK = "https://openjdk.org";

  static final List<Entry> ALL =
      List.of(
          jdk(
              "jdk-names",
              "Names of the classes and methods of the JDK that runs this program",
              JdkTexts::names),
          jdk(
              "jdk-source",
              "Source of java.util, where the JDK that runs this program has its sources",
              JdkTexts::source),
          text(
              "tiny-shakespeare",
              "Plays of Shakespeare, 1.1 MB",
              "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
              PUBLIC_DOMAIN,
              new DataFile(
                  "input.txt",
                  1115394,
                  "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed")),
          text(
              "alice",
              "Alice in Wonderland, by Lewis Carroll, 147 KB",
              "https://www.gutenberg.org/ebooks/11",
              PUBLIC_DOMAIN,
              new DataFile(
                  "alice_in_wonderland.txt",
                  146913,
                  "9611ca28465c38aeaf12feee35dfe476e3725081771d9c36fda3a6f3d3b40cfa")),
          text(
              "sonnets",
              "Sonnets of Shakespeare, 94 KB",
              "https://www.gutenberg.org/ebooks/1041",
              PUBLIC_DOMAIN,
              new DataFile(
                  "shakespeare_sonnets.txt",
                  94082,
                  "4e5e5812959a59e06ebd719641be487c64b7496ace51a9e2594b8c0dca485562")),
          text(
              "us-names",
              "First names of the United States, one on each line",
              "https://github.com/karpathy/makemore",
              "MIT",
              new DataFile(
                  "us_baby_names.txt",
                  228145,
                  "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d")));

  private LanguageEntries() {}

  private static Entry text(String id, String title, String source, String licence, DataFile file) {
    return new Entry(
        id,
        title,
        Task.LANGUAGE,
        source,
        licence,
        false,
        List.of(file),
        (entry, files, provenance) ->
            new LanguageDataset(
                id, Texts.decode(file.name(), files.get(0)), Options.CHARACTERS, provenance));
  }

  private static Entry jdk(String id, String title, Supplier<String> reader) {
    return new Entry(
        id,
        title,
        Task.LANGUAGE,
        JDK,
        JDK_LICENCE,
        true,
        List.of(),
        (entry, files, provenance) -> {
          String text = reader.get();
          return new LanguageDataset(
              id,
              text,
              Options.CHARACTERS,
              new Provenance(
                  JDK,
                  JDK_LICENCE,
                  "generated",
                  "JDK " + Runtime.version(),
                  DataFiles.sha256(text.getBytes(StandardCharsets.UTF_8))));
        });
  }
}
