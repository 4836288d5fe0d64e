package io.guardbee.service.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;

/**
 * A question to whoever sits at the terminal. Without a terminal the answer is no.
 *
 * @param isTerminal whether somebody can be asked
 */
record Question(boolean isTerminal, BufferedReader in, PrintWriter out) {

  /** Set by the launcher when standard input and standard error are a terminal. */
  private static final String VARIABLE = "GUARDBEE_ASK";

  static Question ofTheTerminal(PrintWriter out) {
    return new Question(
        System.getenv(VARIABLE) != null,
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())),
        out);
  }

  /** Whether the answer is yes; anything else is no. */
  boolean isAgreed(String question) throws IOException {
    if (!isTerminal) {
      return false;
    }
    out.print(question + " [y/N] ");
    out.flush();
    String answer = in.readLine();
    return answer != null && answer.strip().matches("(?i)y|yes");
  }
}
