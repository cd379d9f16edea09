package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationTest {
  @Test
  void readsSettingsInAnyOrder() {
    assertThat(Augmentation.parse("shift=2,flip,rotate=10,cutout=8,crop=4"))
        .isEqualTo(new Augmentation(2, 4, true, 10, 8));
    assertThat(Augmentation.parse(" rotate = 7.5 , crop=1"))
        .isEqualTo(new Augmentation(0, 1, false, 7.5, 0));
    assertThat(Augmentation.parse("none").isNone()).isTrue();
    assertThat(Augmentation.parse("flip").isNone()).isFalse();
  }

  @Test
  void describesItself() {
    assertThat(Augmentation.parse("shift=1,flip,rotate=10,cutout=8,crop=4").describe())
        .isEqualTo(
            "shift by up to 1 pixel, crop after padding by 4 pixels, flip left to right, rotate by"
                + " up to 10 degrees, cut out a square of 8x8 pixels");
    assertThat(Augmentation.parse("rotate=7.5").describe())
        .isEqualTo("rotate by up to 7.5 degrees");
    assertThat(Augmentation.NONE.describe()).isEqualTo("none");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shft=2 | unknown augmentation 'shft' (did you mean 'shift'? there are: shift, crop, flip,"
            + " rotate, cutout)",
        "shift=2,flop | unknown augmentation 'flop' (did you mean 'flip'? there are: shift, crop,"
            + " flip, rotate, cutout)",
        "shift=2,,flip | augmentation 'shift=2,,flip' has an empty part (for instance"
            + " shift=2,flip,rotate=10)",
        "shift=2,shift=3 | augmentation 'shift=2,shift=3' says shift twice (say it once)",
        "flip=1 | augmentation flip=1: flip takes no number (say flip)",
        "crop | augmentation crop needs a whole number of pixels from 1 up, not nothing (for"
            + " instance crop=4)",
        "crop=-1 | augmentation crop needs a whole number of pixels from 1 up, not '-1' (for"
            + " instance crop=4)",
        "cutout=2.5 | augmentation cutout needs a whole number of pixels from 1 up, not '2.5' (for"
            + " instance cutout=4)",
        "shift=0 | augmentation shift needs a whole number of pixels from 1 up, not '0' (for"
            + " instance shift=4)",
        "shift=99999999999 | augmentation shift needs a whole number of pixels from 1 up, not"
            + " '99999999999' (for instance shift=4)",
        "rotate=NaN | augmentation rotate needs an angle above 0 and up to 180 degrees, not 'NaN'"
            + " (for instance rotate=10)",
        "rotate=181 | augmentation rotate needs an angle above 0 and up to 180 degrees, not '181'"
            + " (for instance rotate=10)"
      })
  void namesWhatItCannotRead(String text, String message) {
    assertThatThrownBy(() -> Augmentation.parse(text))
        .isInstanceOf(DataException.class)
        .hasMessage(message);
  }

  @Test
  void refusesTurningAndCuttingWithBoxes() {
    assertThatCode(() -> Augmentation.parse("shift=2,crop=4,flip").requireBoxes())
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> Augmentation.parse("flip,rotate=10").requireBoxes())
        .hasMessage(
            "augmentation rotate=10 does not go with boxes (leave it out: shift, crop and flip move"
                + " boxes along)");
    assertThatThrownBy(() -> Augmentation.parse("cutout=3").requireBoxes())
        .hasMessageStartingWith("augmentation cutout=3 does not go with boxes");
    Augmenter augmenter = Augmentation.parse("cutout=3").augmenter(1, 8, 8);
    assertThatThrownBy(() -> augmenter.apply(new float[64], 0, new float[5], 0, 1, 0, 0, 0))
        .isInstanceOf(DataException.class);
  }

  @Test
  void refusesSettingsThatAreTooLargeForThePictures() {
    assertThatThrownBy(() -> Augmentation.parse("shift=28").augmenter(1, 28, 32))
        .hasMessage(
            "augmentation shift=28 is too large for pictures of 28x32 pixels (choose 1 to 27)");
    assertThatThrownBy(() -> Augmentation.parse("crop=1").augmenter(1, 1, 1))
        .hasMessage("augmentation crop=1 is too large for pictures of 1x1 pixels (leave it out)");
    assertThatCode(() -> Augmentation.parse("crop=27").augmenter(1, 28, 28))
        .doesNotThrowAnyException();
  }
}
