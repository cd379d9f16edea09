package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableTest {
  private static Table parse(String text) {
    return Table.parse("t.csv", text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<List<String>> cells(Table table) {
    List<List<String>> cells = new ArrayList<>();
    for (int row = 0; row < table.size(); row++) {
      List<String> line = new ArrayList<>();
      for (int column = 0; column < table.columns().size(); column++) {
        line.add(table.cell(row, column));
      }
      cells.add(line);
    }
    return cells;
  }

  private static void assertRefused(String text, String message) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(DataException.class).hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {",", ";", "\t", "|"})
  void findsTheSeparator(String separator) {
    Table table = parse("a,b,c\n1,2,x\n3,4,y\n".replace(",", separator));
    assertThat(table.columns()).containsExactly("a", "b", "c");
    assertThat(cells(table)).containsExactly(List.of("1", "2", "x"), List.of("3", "4", "y"));
  }

  @Test
  void separatesATsvFileByTabsAlone() {
    byte[] text = "a,b,c\td\n1\t2\n".getBytes(StandardCharsets.UTF_8);
    assertThat(Table.parse("T.TSV", text).columns()).containsExactly("a,b,c", "d");
  }

  @Test
  void understandsQuotesMarksAndLineEnds() {
    Table table = parse("\uFEFFa,b\r\n\"x, \"\"y\"\"\", 1 \r\n\r\n\"two\nlines\",2");
    assertThat(table.columns()).containsExactly("a", "b");
    assertThat(cells(table)).containsExactly(List.of("x, \"y\"", "1"), List.of("two\nlines", "2"));
    assertThat(table.line(0)).isEqualTo(2);
    assertThat(table.line(1)).isEqualTo(4);
    assertThat(parse("\"a;b;c\",d\n1,2\n").columns()).containsExactly("a;b;c", "d");
    assertThat(cells(parse("länge\n1\n2\n"))).hasSize(2);
  }

  @Test
  void tellsAHeaderFromData() {
    assertThat(parse("5.1,setosa\n4.9,virginica\n").columns())
        .containsExactly("column1", "column2");
    assertThat(parse("5.1,setosa\n4.9,virginica\n").size()).isEqualTo(2);
    assertThat(parse("1990,name\n1,a\n2,b\n").columns()).containsExactly("column1", "column2");
    assertThat(parse("id,1990\n1,5\n2,6\n").columns()).containsExactly("id", "1990");
    assertThat(parse(",b\n1,5\n").columns()).containsExactly("column1", "b");
    assertThat(parse("1,2\n3,4\n").columns()).containsExactly("column1", "column2");
    assertThat(parse("only\n3\n").columns()).containsExactly("only");
  }

  @Test
  void refusesARaggedRowWithItsLineAndBothCounts() {
    assertRefused(
        "a,b,c\n1,2,3\n\n4,5\n",
        "t.csv line 4 has 2 cells, the first row has 3 (make them equal; quote a cell that contains the"
            + " separator)");
    assertRefused(
        "a,b\n\"x\ny\",1\n1,2,3\n",
        "t.csv line 4 has 3 cells, the first row has 2 (make them equal; quote a cell that contains the"
            + " separator)");
  }

  @Test
  void refusesWhatIsNoTable() {
    assertRefused("", "t.csv is empty (give a header and rows)");
    assertRefused("\uFEFF \r\n\n", "t.csv is empty (give a header and rows)");
    assertRefused("a,b\n", "t.csv has a header and no rows (add rows under it)");
    assertRefused("a,b,a\n1,2,3\n", "t.csv: columns 1 and 3 are both called 'a' (rename one)");
    assertThatThrownBy(() -> parse("a,b\n1,\"open\n"))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("t.csv is not a table: ")
        .hasMessageContaining("line 2")
        .hasMessageEndingWith(" (check the quotes; double one inside quotes)");
    assertThatThrownBy(() -> parse("a,b\n1,\"x\"y\n"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 2");
  }

  @Test
  void refusesWhatIsNotUtf8WithItsLine() {
    byte[] latin1 = "name,n\nx,1\nM\u00fcller,2\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> Table.parse("t.csv", latin1))
        .isInstanceOf(DataException.class)
        .hasMessage("t.csv line 3 is not UTF-8 text (save the file as UTF-8)");
    byte[] cutOff = {'a', '\n', '1', '\n', (byte) 0xc3};
    assertThatThrownBy(() -> Table.parse("t.csv", cutOff))
        .isInstanceOf(DataException.class)
        .hasMessage("t.csv line 3 is not UTF-8 text (save the file as UTF-8)");
  }

  @Test
  void readsFilesAndSaysWhyNot(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("t.csv"), "a\n1\n");
    assertThat(Table.read(file).name()).isEqualTo(file.toString());
    assertThatThrownBy(() -> Table.read(directory))
        .isInstanceOf(DataException.class)
        .hasMessage(directory + " is a directory (name a file in it)");
    Path none = directory.resolve("none.csv");
    assertThatThrownBy(() -> Table.read(none))
        .isInstanceOf(DataException.class)
        .hasMessage(none + " does not exist (check the path)");
  }

  @Test
  void namesTheNearestColumn() {
    assertThatThrownBy(() -> parse("age,name\n1,x\n").column("nmae"))
        .isInstanceOf(DataException.class)
        .hasMessage("t.csv: unknown column 'nmae' (did you mean 'name'? there are: age, name)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "NA", "n/a", "NaN", "NULL", "?", "None"})
  void knowsMissingCells(String cell) {
    assertThat(Cells.missing(cell)).isTrue();
    assertThat(Cells.numeric(cell)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "-1.5", "+.5", "3.", "1e-3", "2E5", "007"})
  void knowsNumbers(String cell) {
    assertThat(Cells.numeric(cell)).isTrue();
    assertThat(Cells.number(cell)).isEqualTo(Double.parseDouble(cell));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1d", "0x1p3", "1,5", "1 2", "-", ".", "e5", "\u0661"})
  void knowsWhatIsNoNumber(String cell) {
    assertThat(Cells.numeric(cell)).isFalse();
    assertThat(Cells.missing(cell)).isFalse();
  }
}
