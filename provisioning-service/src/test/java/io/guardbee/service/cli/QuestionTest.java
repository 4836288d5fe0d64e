package io.guardbee.service.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Only a clear yes of somebody at a terminal is one. */
class QuestionTest {

  private final StringWriter shown = new StringWriter();

  private boolean isAgreed(boolean isTerminal, String typed) throws IOException {
    BufferedReader in = new BufferedReader(new StringReader(typed));
    return new Question(isTerminal, in, new PrintWriter(shown)).isAgreed("really?");
  }

  @ParameterizedTest
  @CsvSource({"y,true", "YES,true", "'',false", "n,false", "yesterday,false", "j,false"})
  void answerCounts(String typed, boolean agreed) throws IOException {
    assertThat(isAgreed(true, typed + "\n")).isEqualTo(agreed);
    assertThat(shown.toString()).isEqualTo("really? [y/N] ");
  }

  @Test
  void nobodyIsAskedWithoutATerminal() throws IOException {
    assertThat(isAgreed(false, "y\n")).isFalse();
    assertThat(shown.toString()).isEmpty();
    assertThat(isAgreed(true, "")).as("the end of the input").isFalse();
  }
}
