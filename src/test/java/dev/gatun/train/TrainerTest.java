package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.train.TrainingResult.End;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainerTest {
    private static final Optimizer SGD = Optimizer.Sgd.of(0.5);

    private static TrainerOptions.Builder options() {
        return TrainerOptions.builder().optimizer(SGD).batchSize(4).epochs(3);
    }

    @Test
    void findsTheMinimum() throws IOException {
        Regression regression = new Regression(200, 0);
        TrainingResult result =
                new Trainer(regression, options().batchSize(200).epochs(400).build()).run();
        assertThat(result.end()).isEqualTo(End.EPOCHS);
        assertThat(result.steps()).isEqualTo(400);
        assertThat(result.bestNats()).isNaN();
        regression.lossAndGradient(IntStream.range(0, 200).toArray(), 0);
        for (float slope : regression.gradient().toArray(ValueLayout.JAVA_FLOAT)) {
            assertThat(slope).isCloseTo(0, within(1e-3f));
        }
    }

    @Test
    void everyEpochTakesEveryExampleOnceAndKeepsTheShortBatch() throws IOException {
        Regression regression = new Regression(10, 2);
        List<EpochReport> reports = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        new Trainer(regression, options().build()).run(new ProgressListener() {
            @Override
            public void stepEnded(int epoch, int batch, int batches, double nats) {
                assertThat(batches).isEqualTo(3);
                losses.add(nats);
            }

            @Override
            public void epochEnded(EpochReport report) {
                reports.add(report);
            }
        });
        assertThat(regression.batches).hasSize(9);
        for (int epoch = 0; epoch < 3; epoch++) {
            List<int[]> batches = regression.batches.subList(epoch * 3, epoch * 3 + 3);
            assertThat(batches).extracting(batch -> batch.length).containsExactly(4, 4, 2);
            int[] all = batches.stream().flatMapToInt(Arrays::stream).sorted().toArray();
            assertThat(all).isEqualTo(IntStream.range(0, 10).toArray());
            double mean =
                    (4 * losses.get(epoch * 3) + 4 * losses.get(epoch * 3 + 1) + 2 * losses.get(epoch * 3 + 2)) / 10;
            EpochReport report = reports.get(epoch);
            assertThat(report.epoch()).isEqualTo(epoch + 1);
            assertThat(report.step()).isEqualTo(epoch * 3 + 3);
            assertThat(report.trainNats()).isCloseTo(mean, within(1e-12));
            assertThat(report.bitsPerDimension()).isCloseTo(report.validationNats() / Math.log(2), within(1e-12));
        }
        assertThat(regression.batches.get(0)).isNotEqualTo(regression.batches.get(3));
    }

    @Test
    void patienceCountsEpochsSinceTheBestAndEqualIsNotBetter() throws IOException {
        Regression regression = new Regression(8, 2);
        regression.validationLosses = new double[] {5, 4, 4, 4.5, 3, 3.5, 3, 7, 1};
        List<float[]> afterEpoch = new ArrayList<>();
        List<Boolean> best = new ArrayList<>();
        Trainer trainer =
                new Trainer(regression, options().epochs(50).patience(3).build());
        TrainingResult result = trainer.run(new ProgressListener() {
            @Override
            public void epochEnded(EpochReport report) {
                afterEpoch.add(regression.values());
                best.add(report.best());
            }
        });
        assertThat(result.end()).isEqualTo(End.PATIENCE);
        assertThat(result.epochs()).isEqualTo(8);
        assertThat(result.bestEpoch()).isEqualTo(5);
        assertThat(result.bestNats()).isEqualTo(3);
        assertThat(best).containsExactly(true, true, false, false, true, false, false, false);
        assertThat(regression.values()).isEqualTo(afterEpoch.get(4)).isNotEqualTo(afterEpoch.get(7));
    }

    @Test
    void averagedParametersAreValidatedAndHandedOver() throws IOException {
        Regression regression = new Regression(8, 2);
        double decay = 0.7;
        double[] average = new double[(int) regression.parameters().length()];
        List<Double> validated = new ArrayList<>();
        TrainingResult result = new Trainer(
                        regression, options().epochs(2).emaDecay(decay).build())
                .run(new ProgressListener() {
                    private int steps;

                    @Override
                    public void stepEnded(int epoch, int batch, int batches, double nats) {
                        double keep = steps++ == 0 ? 0 : decay;
                        float[] now = regression.values();
                        for (int i = 0; i < now.length; i++) {
                            average[i] = keep * average[i] + (1 - keep) * now[i];
                        }
                    }

                    @Override
                    public void epochEnded(EpochReport report) {
                        validated.add(report.validationNats());
                        // For the time of this call; steps go on from the parameters themselves.
                        Recorded.assertClose("average", regression.values(), toFloats(average));
                        assertThat(regression.validationLoss()).isEqualTo(report.validationNats());
                    }
                });
        assertThat(result.steps()).isEqualTo(4);
        assertThat(result.bestEpoch()).isEqualTo(2);
        Recorded.assertClose("average", regression.values(), toFloats(average));
        assertThat(regression.validationLoss()).isEqualTo(validated.getLast());
    }

    private static float[] toFloats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    @Test
    void averagesTakeAllStepsAlikeFromTheirEpochOn() throws IOException {
        Regression regression = new Regression(10, 2);
        regression.validationLosses = new double[] {3, 2, 1};
        List<float[]> steps = new ArrayList<>();
        new Trainer(regression, options().averageFrom(2).build()).run(new ProgressListener() {
            @Override
            public void stepEnded(int epoch, int batch, int batches, double nats) {
                steps.add(regression.values());
            }
        });
        assertThat(steps).hasSize(9);
        double[] mean = new double[steps.getFirst().length];
        for (float[] values : steps.subList(3, 9)) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += values[i] / 6.0;
            }
        }
        Recorded.assertClose("average", regression.values(), toFloats(mean));
    }

    @Test
    void aRunEndsWhenItsTimeIsOver() throws IOException {
        Regression regression = new Regression(10, 2);
        regression.stepMillis = 600;
        TrainingResult result = new Trainer(regression, options().maxSeconds(1).build()).run();
        assertThat(result.end()).isEqualTo(End.TIME);
        assertThat(result.steps()).isBetween(1L, 2L);
        assertThat(regression.validations).isEqualTo(1);
    }

    @Test
    void withoutValidationTheAverageIsHandedOver() throws IOException {
        Regression plain = new Regression(8, 0);
        Regression averaged = new Regression(8, 0);
        new Trainer(plain, options().build()).run();
        new Trainer(averaged, options().emaDecay(0.9).build()).run();
        assertThat(averaged.bits()).isNotEqualTo(plain.bits());
    }

    @Test
    void clippingBoundsTheStep() throws IOException {
        Regression regression = new Regression(8, 0);
        float[] before = regression.values();
        List<Double> norms = new ArrayList<>();
        new Trainer(
                        regression,
                        options().maxSteps(2).epochs(1).gradientClip(1e-3).build())
                .run(new ProgressListener() {
                    @Override
                    public void epochEnded(EpochReport report) {
                        norms.add(report.gradientNorm());
                    }
                });
        float[] after = regression.values();
        double moved = 0;
        for (int i = 0; i < after.length; i++) {
            moved += Math.pow(after[i] - before[i], 2);
        }
        assertThat(Math.sqrt(moved)).isPositive().isLessThanOrEqualTo(2 * 0.5 * 1e-3 * 1.0001);
        assertThat(norms.getFirst()).isGreaterThan(1e-2); // as it was before clipping
    }

    @Test
    void maxStepsEndsWithinAnEpochAndLooksAtTheValidation() throws IOException {
        Regression regression = new Regression(10, 2);
        TrainingResult result = new Trainer(regression, options().maxSteps(4).build()).run();
        assertThat(result.end()).isEqualTo(End.STEPS);
        assertThat(result.steps()).isEqualTo(4);
        assertThat(result.epochs()).isEqualTo(1);
        assertThat(regression.validations).isEqualTo(2);
    }

    @Test
    void aLossThatIsNotANumberStopsWithTheBestParameters() {
        Regression regression = new Regression(10, 2);
        regression.badLossAt = 7;
        List<float[]> afterEpoch = new ArrayList<>();
        regression.validationLosses = new double[] {1, 2};
        assertThatThrownBy(() -> new Trainer(regression, options().build()).run(new ProgressListener() {
                    @Override
                    public void epochEnded(EpochReport report) {
                        afterEpoch.add(regression.values());
                    }
                }))
                .isInstanceOfSatisfying(DivergedException.class, e -> {
                    assertThat(e.epoch()).isEqualTo(3);
                    assertThat(e.step()).isEqualTo(8);
                    assertThat(e.bestEpoch()).isEqualTo(1);
                    assertThat(e.recovered()).isTrue();
                })
                .hasMessage("epoch 3, step 8: the loss of batch 2 is NaN; training stops, no state was kept");
        assertThat(regression.values()).isEqualTo(afterEpoch.get(0));
    }

    @Test
    void aGradientThatIsNotFiniteStops() {
        Regression regression = new Regression(10, 2);
        regression.badGradientAt = 1;
        assertThatThrownBy(() -> new Trainer(regression, options().build()).run())
                .isInstanceOfSatisfying(
                        DivergedException.class, e -> assertThat(e.recovered()).isFalse())
                .hasMessageStartingWith("epoch 1, step 2: the gradient's norm is Infinity; training stops");
    }

    @Test
    void aValidationThatIsNotFiniteStops() {
        Regression regression = new Regression(10, 2);
        regression.badValidationAt = 1;
        assertThatThrownBy(() -> new Trainer(regression, options().build()).run())
                .isInstanceOf(DivergedException.class)
                .hasMessageStartingWith("epoch 2, step 6: the validation loss is Infinity; training stops");
    }

    @Test
    void parametersThatOverflowStopEvenWhereNothingElseShowsIt() {
        Regression regression = new Regression(4, 0);
        TrainerOptions options =
                options().optimizer(Optimizer.Sgd.of(1e39)).epochs(1).build();
        assertThatThrownBy(() -> new Trainer(regression, options).run())
                .isInstanceOf(DivergedException.class)
                .hasMessageStartingWith("epoch 1, step 1: the norm of \"parameters\" is ");
    }

    @Test
    void whatCannotBeTrainedIsRefused() throws IOException {
        assertThatThrownBy(() -> new Trainer(new Regression(0, 0), options().build()))
                .hasMessage("training examples: found 0, expected 1 or more");
        assertThatThrownBy(() ->
                        new Trainer(new Regression(3, 0), options().patience(2).build()))
                .hasMessage("patience: found 2 without validation examples, expected 0");
        Trainer trainer = new Trainer(new Regression(3, 0), options().build());
        assertThatThrownBy(trainer::resume)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("this trainer has no state file to resume from");
        trainer.run();
        assertThatThrownBy(trainer::run).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void optionsOutOfRangeAreNamed() {
        refused(options().batchSize(0), "batch size: found 0, expected 1 or more");
        refused(options().epochs(0), "epochs: found 0, expected 1 or more");
        refused(options().maxSteps(-1), "max steps: found -1, expected 0 or more");
        refused(options().patience(-1), "patience: found -1, expected 0 or more");
        refused(options().gradientClip(Double.NaN), "gradient clip: found NaN, expected 0 or a number above it");
        refused(
                options().emaDecay(0.5).averageFrom(1),
                "average from: found 1 beside an ema decay of 0.5, expected one of them");
        refused(options().averageFrom(-1), "average from: found -1, expected 0 or more");
        refused(options().maxSeconds(-1), "max seconds: found -1, expected 0 or more");
        refused(options().emaDecay(1), "ema decay: found 1.0, expected 0 or more, below 1");
        refused(options().threads(0), "threads: found 0, expected 1 or more");
        TrainerOptions all = options()
                .maxSteps(9)
                .patience(8)
                .gradientClip(7)
                .emaDecay(0.6)
                .seed(5)
                .threads(4)
                .schedule(new Schedule.Exponential(3, Schedule.Unit.STEPS))
                .build();
        assertThat(all.toBuilder().build()).isEqualTo(all);
    }

    private static void refused(TrainerOptions.Builder builder, String message) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
