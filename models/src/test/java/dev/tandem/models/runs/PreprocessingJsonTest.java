package dev.tandem.models.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.datasets.PictureFormat;
import dev.tandem.datasets.PixelDataset;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.Provenance;
import dev.tandem.datasets.Splits;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.json.JsonMapper;

/** Preprocessing is written to JSON and read back as it is, by the mapper of run directories. */
class PreprocessingJsonTest {
  private final JsonMapper json = JsonMapper.builder().build();

  @Test
  void picturesComeBackAsTheyWere() {
    PixelDataset raw =
        new PixelDataset(
            "x",
            new byte[] {1, 2, 3, 4},
            new PictureFormat(1, 1, 2),
            new int[] {0, 1},
            List.of("a", "b"),
            null,
            new Provenance("s", "l", "file", "p", "0"),
            List.of());
    Preprocessing written = raw.prepare(Splits.holdout(raw, 0, 0, 0)).preprocessing();
    String text = json.writeValueAsString(written);
    assertThat(json.readValue(text, Preprocessing.class)).isEqualTo(written);
    String damaged = text.replace("\"height\":1", "\"height\":0");
    assertThatThrownBy(() -> json.readValue(damaged, Preprocessing.class))
        .isInstanceOf(DatabindException.class)
        .hasMessageContaining("no size of pictures: 1 x 0 x 2");
  }

  @Test
  void picturesWithoutAWhiteHave255() {
    PictureFormat old =
        json.readValue("{\"channels\":1,\"height\":2,\"width\":3}", PictureFormat.class);
    assertThat(old).isEqualTo(new PictureFormat(1, 2, 3));
  }

  @Test
  void filesFromBeforePicturesAreStillRead() {
    String old =
        "{\"form\":\"ARRAY\",\"columns\":[],\"target\":{\"task\":\"CLASSIFICATION\",\"names\":[],"
            + "\"classNames\":[],\"means\":[],\"scales\":[]}}";
    assertThat(json.readValue(old, Preprocessing.class).picture()).isNull();
  }
}
