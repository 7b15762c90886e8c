# Rscript bootstrap.R boot500_overall N DIR: 500 Rao-Wu replicates and 50 means with R's survey package, timed like
# the other tasks, and then how often each PSU was drawn, in DIR/bench_N_counts.csv.
a <- commandArgs(TRUE); n <- as.integer(a[2]); dir <- a[3]
suppressPackageStartupMessages({ library(survey); library(data.table) })
setDTthreads(1)
took <- function(from, to) sprintf("%.2f", (to - from)[["elapsed"]])
t0 <- proc.time()
d <- as.data.frame(fread(file.path(dir, sprintf("bench_%d.csv", n))))
items <- sprintf("q%02d", 1:50)
for (v in items) { x <- d[[v]]; x[is.na(x)] <- 3L; d[[v]] <- x }
design <- svydesign(~psu, strata = ~stratum, weights = ~w, data = d)
t1 <- proc.time()
set.seed(1)
boot <- as.svrepdesign(design, type = "subbootstrap", replicates = 500, compress = TRUE)
means <- svymean(reformulate(items), boot)
t2 <- proc.time()
first <- match(unique(d$psu), d$psu) # a row of each PSU
stratum <- d$stratum[first]
size <- as.vector(table(stratum)[as.character(stratum)])
factors <- boot$repweights$weights[boot$repweights$index[first], , drop = FALSE]
counts <- as.data.table(round(factors * (size - 1) / size))
setnames(counts, sprintf("r%d", 1:500))
fwrite(cbind(psu = d$psu[first], counts), file.path(dir, sprintf("bench_%d_counts.csv", n)))
cat(sprintf("RESULT load_s=%s task_s=%s task_cpu=%s check=%.12g\n", took(t0, t1), took(t1, t2), took(t1, t2), sum(coef(means)) + sum(SE(means))))
