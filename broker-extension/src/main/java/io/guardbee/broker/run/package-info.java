/** The broker distribution: makes a HiveMQ home with the extension in it, and runs it. */
@NullMarked
package io.guardbee.broker.run;

import org.jspecify.annotations.NullMarked;
