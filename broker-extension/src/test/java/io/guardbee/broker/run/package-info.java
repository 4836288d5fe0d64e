@NullMarked
package io.guardbee.broker.run;

import org.jspecify.annotations.NullMarked;
