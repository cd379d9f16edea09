package dev.tandem.engine.cpu;

import static dev.tandem.engine.cpu.HostStorage.doubles;
import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.ints;
import static dev.tandem.engine.cpu.HostStorage.length;
import static dev.tandem.engine.cpu.HostStorage.offset;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.StagingBuffer;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.Transfers;
import java.util.Arrays;

/** Copies between Java arrays. */
public class HostTransfers extends Transfers {
  /** Makes the family of a backend whose memory is {@link HostStorage}. */
  public HostTransfers(Backend backend) {
    super(backend);
  }

  @Override
  protected void computeUpload(float[] source, int from, Tensor target) {
    if (target.type() == DataType.FLOAT32) {
      System.arraycopy(source, from, floats(target), offset(target), length(target));
    } else {
      double[] into = doubles(target);
      for (int i = 0; i < length(target); i++) {
        into[offset(target) + i] = source[from + i];
      }
    }
  }

  @Override
  protected void computeUpload(double[] source, int from, Tensor target) {
    if (target.type() == DataType.FLOAT64) {
      System.arraycopy(source, from, doubles(target), offset(target), length(target));
    } else {
      float[] into = floats(target);
      for (int i = 0; i < length(target); i++) {
        into[offset(target) + i] = (float) source[from + i];
      }
    }
  }

  @Override
  protected void computeUpload(int[] source, int from, Tensor target) {
    System.arraycopy(source, from, ints(target), offset(target), length(target));
  }

  @Override
  protected void computeUpload(StagingBuffer source, Tensor target) {
    switch (target.type()) {
      case FLOAT32 -> source.floats().get(0, floats(target), offset(target), length(target));
      case INT32 -> source.ints().get(0, ints(target), offset(target), length(target));
      case FLOAT64 -> {
        double[] into = doubles(target);
        for (int i = 0; i < length(target); i++) {
          into[offset(target) + i] = source.floats().get(i);
        }
      }
    }
  }

  @Override
  protected void computeDownload(Tensor source, float[] target, int from) {
    if (source.type() == DataType.FLOAT32) {
      System.arraycopy(floats(source), offset(source), target, from, length(source));
    } else {
      double[] values = doubles(source);
      for (int i = 0; i < length(source); i++) {
        target[from + i] = (float) values[offset(source) + i];
      }
    }
  }

  @Override
  protected void computeDownload(Tensor source, double[] target, int from) {
    if (source.type() == DataType.FLOAT64) {
      System.arraycopy(doubles(source), offset(source), target, from, length(source));
    } else {
      float[] values = floats(source);
      for (int i = 0; i < length(source); i++) {
        target[from + i] = values[offset(source) + i];
      }
    }
  }

  @Override
  protected void computeDownload(Tensor source, int[] target, int from) {
    System.arraycopy(ints(source), offset(source), target, from, length(source));
  }

  @Override
  protected void computeCopy(Tensor source, Tensor target) {
    Object from = array(source);
    System.arraycopy(from, offset(source), array(target), offset(target), length(source));
  }

  @Override
  protected void computeFill(Tensor target, double value) {
    int from = offset(target);
    int to = from + length(target);
    switch (target.type()) {
      case FLOAT32 -> Arrays.fill(floats(target), from, to, (float) value);
      case FLOAT64 -> Arrays.fill(doubles(target), from, to, value);
      case INT32 -> Arrays.fill(ints(target), from, to, (int) value);
    }
  }

  @Override
  protected StagingBuffer createStage(DataType type, int length) {
    return new HostStaging(type, length);
  }

  private static Object array(Tensor tensor) {
    return switch (tensor.type()) {
      case FLOAT32 -> floats(tensor);
      case FLOAT64 -> doubles(tensor);
      case INT32 -> ints(tensor);
    };
  }
}
