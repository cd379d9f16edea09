package dev.tandem.engine;

/**
 * The layout of the tensor from which {@link Optimizers} read their numbers. They lie on the
 * device, so that a captured step can be replayed with another learning rate; they are what the
 * kernels multiply by, worked out on the host in double, so that {@code 1 - beta} is not rounded
 * twice.
 */
public final class Hyperparameters {
  /**
   * The factor of the update. For Adam and AdamW {@code lr / (1 - beta1^t)} with the step count t
   * from 1; for the others the learning rate.
   */
  public static final int STEP_SIZE = 0;

  /**
   * Added to each gradient times the weight; for AdamW, what each weight is multiplied by: {@code 1
   * - lr decay}.
   */
  public static final int WEIGHT_DECAY = 1;

  /** Added to a denominator. */
  public static final int EPSILON = 2;

  /** The factor of the velocity of SGD and RMSProp. */
  public static final int MOMENTUM = 3;

  /** The factor of the first moment: Adam's beta1. */
  public static final int DECAY1 = 4;

  /** {@code 1 - } {@link #DECAY1}. */
  public static final int COMPLEMENT1 = 5;

  /** The factor of the mean of squares: Adam's beta2, RMSProp's alpha. */
  public static final int DECAY2 = 6;

  /** {@code 1 - } {@link #DECAY2}. */
  public static final int COMPLEMENT2 = 7;

  /** Adam's {@code 1 / sqrt(1 - beta2^t)}. */
  public static final int ROOT_CORRECTION2 = 8;

  /** The number of elements of the tensor. */
  public static final int LENGTH = 9;

  private Hyperparameters() {}
}
