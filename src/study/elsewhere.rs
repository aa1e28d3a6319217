//! What things are called in PyTorch, Keras, JAX and papers, and what they are called here. This table is the only place
//! that knows names from elsewhere.

use Here::{Absent, Called, Told};

/// What answers a name from elsewhere. A row applies where the name that it begins with may stand: so the table of one
/// optimizer answers otherwise than `[base]`.
enum Here {
    /// It has this name here.
    Called(&'static str),
    /// Where this name may stand: what to write.
    Told(&'static str, &'static str),
    /// Where this name may stand, there is no such thing, nor one that is the same.
    Absent(&'static str),
}

/// Names in small letters without - and _, those of one thing in a row; the first row that applies counts.
const NAMES: &[(&str, Here)] = &[
    // Constants of schedules, activation functions and optimizers, before the keys of [base] that have the same names.
    ("stepsize decaysteps transitionsteps period interval everyepochs epochs", Called("every")),
    ("milestones boundaries", Told("every", "the drops are evenly spaced: every = 30, in epochs")),
    ("gamma decayrate decay multiplier", Called("factor")),
    ("etamin alpha minlr endvalue finallr minimum", Told("floor", "`floor` is the last rate as a share of the first")),
    ("tmax decaysteps totalsteps", Told("floor", "a cosine ends with the training: leave it out")),
    ("decayrate decay gamma power", Called("rate")),
    ("alpha negativeslope leak", Called("slope")),
    ("eps epsilonhat epshat ε", Called("epsilon")),
    ("betas beta", Told("beta_1", "they are two keys: beta_1 = 0.9, beta_2 = 0.999")),
    ("beta1 b1 momentum", Called("beta_1")),
    ("beta2 b2", Called("beta_2")),
    ("mu m beta beta1 rho", Called("momentum")),
    ("rho alpha smoothing decayrate gamma beta beta2", Called("decay")),
    (
        "initialmomentum momentuminit basemomentum minmomentum startmomentum momentumstartvalue",
        Called("momentum_start"),
    ),
    ("momentumwarmup momentumrampup momentumepochs rampup momentumsaturate", Called("momentum_ramp")),
    // Keys of [base].
    (
        "momentum mu",
        Told("optimizer", "it belongs to an optimizer: optimizer = { name = \"momentum\", momentum = 0.9 }"),
    ),
    ("nesterov usenesterov nag", Told("optimizer", "it is an optimizer: optimizer = \"nesterov\"")),
    (
        "betas beta beta1 beta2 b1 b2",
        Told("optimizer", "they belong to an optimizer: optimizer = { name = \"adam\", beta_1 = 0.9, beta_2 = 0.999 }"),
    ),
    (
        "eps epsilon",
        Told(
            "optimizer",
            "that of an optimizer is optimizer = { name = \"adam\", epsilon = 1e-7 }; layers have `batch_norm_epsilon` \
             and `layer_norm_epsilon`",
        ),
    ),
    (
        "rho decay decayrate",
        Told(
            "optimizer",
            "that of the weights is `weight_decay`, that of an average optimizer = { name = \"rmsprop\", decay = 0.99 }",
        ),
    ),
    ("gamma stepgamma", Told("schedule", "as in schedule = { name = \"step\", every = 5, factor = 0.1 }")),
    (
        "amsgrad dampening centered foreach fused maximize capturable differentiable lookahead ematouse emamomentum",
        Told("optimizer", "optimizers have no such switch here"),
    ),
    ("momentum mu", Told("learning_rate", "it is an optimizer of its own: { name = \"momentum\", momentum = 0.9 }")),
    (
        "nesterov usenesterov nag",
        Told("learning_rate", "it is an optimizer of its own: { name = \"nesterov\", momentum = 0.9 }"),
    ),
    (
        "amsgrad dampening centered foreach fused maximize capturable differentiable",
        Told("learning_rate", "optimizers have no such switch here"),
    ),
    (
        "betas beta beta1 beta2 b1 b2",
        Told("learning_rate", "adam and lion have it: { name = \"adam\", beta_1 = 0.9, beta_2 = 0.999 }"),
    ),
    (
        "rho decay decayrate smoothing",
        Told("learning_rate", "rmsprop and adadelta have such an average: { name = \"rmsprop\", decay = 0.99 }"),
    ),
    ("eps epsilon", Told("learning_rate", "this optimizer divides by nothing that an ε could be added to")),
    ("rate", Told("hidden", "that of dropout is `dropout`, that of the optimizer `learning_rate`")),
    (
        "lr learnrate learningrateinit eta eta0 alpha stepsize baselr initlr initiallr initiallearningrate baselearningrate \
         maxlr peaklr peakvalue initvalue α η",
        Called("learning_rate"),
    ),
    ("batch bs minibatch minibatchsize batchlen mb trainbatchsize perdevicetrainbatchsize", Called("batch_size")),
    (
        "wd l2 l2reg l2penalty l2regularization l2lambda lambda lambd reg regularization regularizer kernelregularizer \
         weightdecayrate penalty λ",
        Called("weight_decay"),
    ),
    ("l1reg l1penalty l1regularization l1regularisation l1lambda l1weight lasso", Called("l1")),
    (
        "maxnormconstraint maxweightnorm maxcolnorm kernelconstraint weightconstraint constraint maxvalue renorm",
        Called("max_norm"),
    ),
    ("decoupled decoupledweightdecay", Told("weight_decay_mode", "as in weight_decay_mode = \"decoupled\"")),
    (
        "hiddensize hiddensizes hiddenlayer hiddenlayers hiddenlayersizes hiddenunits hiddendim hiddendims units layers \
         width widths layersize layersizes numunits neurons features nhid nunits dmodel numlayers nlayers depth dims \
         numhiddenlayers nhiddenlayers architecture mlp",
        Told("hidden", "`hidden` lists the width of each hidden layer: hidden = [100, 100]"),
    ),
    ("p droprate dropoutrate dropoutp dropoutprob dropprob pdrop dropoutratio", Called("dropout")),
    (
        "inputdropoutrate dropoutinput dropinput dropinputs inputdrop inputdroprate visibledropout dropoutin",
        Called("input_dropout"),
    ),
    ("keepprob keep keeprate", Told("dropout", "`dropout` is the share that is dropped: 1 − what is kept")),
    (
        "activationfn activationfunction act actfn nonlinearity nonlin hiddenactivation activationlayer",
        Called("activation"),
    ),
    (
        "weightinit weightsinit initweights initializer initialiser kernelinitializer kernelinit weightinitializer \
         initialization initialisation initmethod initscheme inittype winit",
        Called("init"),
    ),
    ("biasinit biasinitializer bias usebias", Told("init", "each layer has biases, which start at 0")),
    (
        "gain std stddev sigma initstd initscale initgain",
        Told("init", "as in init = { normal = 0.01 } or { gain = 1.0 }"),
    ),
    (
        "bn batchnorm batchnormalization batchnormalisation usebn usebatchnorm normalization normalisation norm",
        Called("batch_norm"),
    ),
    ("ln layernorm layernormalization layernormalisation useln uselayernorm", Called("layer_norm")),
    ("bnmomentum", Called("batch_norm_momentum")),
    ("bnepsilon bneps batchnormeps", Called("batch_norm_epsilon")),
    ("lnepsilon lneps layernormeps", Called("layer_norm_epsilon")),
    ("optim opt optimiser solver algorithm tx updater", Called("optimizer")),
    (
        "scheduler lrschedule lrscheduler learningrateschedule learningratescheduler lrdecay lrpolicy lrsched decayschedule \
         learningratedecay",
        Called("schedule"),
    ),
    ("warmupepochs numwarmupepochs lrwarmup warmuplength", Called("warmup")),
    ("warmupsteps numwarmupsteps warmupratio warmupproportion", Told("warmup", "`warmup` is counted in epochs")),
    (
        "clip clipnorm gradclip gradclipnorm gradientclip gradientclipping gradientclipval maxgradnorm clipgradnorm \
         globalclipnorm clipbyglobalnorm clipgradients gradnormclip",
        Called("clip_gradient_norm"),
    ),
    (
        "clipvalue clipgradvalue",
        Told("clip_gradient_norm", "gradients are clipped by their norm: clip_gradient_norm = 1.0"),
    ),
    (
        "ema emadecay weightema modelema averageweights weightaveraging polyak polyakaveraging averagedecay swa averaging \
         exponentialmovingaverage",
        Called("weight_average"),
    ),
    ("epoch maxepochs maxepoch numepochs nepochs nepoch nbepoch nbepochs trainepochs numtrainepochs", Called("epochs")),
    (
        "iterations iters iteration maxsteps maxstep numsteps nsteps maxiter maxiters niter niters numiterations trainsteps \
         trainingsteps totalsteps numtrainsteps updates numupdates",
        Called("steps"),
    ),
    (
        "ntrain numtrain trainsize trainset ntrainsamples numtrainsamples trainingsamples subsetsize limittrain",
        Called("train_samples"),
    ),
    ("ntest numtest testsize testset ntestsamples", Called("test_samples")),
    (
        "nval numval valsize valsamples valset validsize validationsize validationsplit valsplit validationfraction valfraction \
         holdout heldout",
        Told("validation_samples", "`validation_samples` is a number of images, not a share"),
    ),
    (
        "noise noisylabels labelcorruption corruption corrupt corruptlabels randomlabels flip flipprob labelflip",
        Told("label_noise", "`label_noise` is the share of labels drawn at random: label_noise = 0.2"),
    ),
    (
        "noisestd noisesd noisesigma noisestddev gaussiannoise addgaussiannoise inputnoisestd noisescale",
        Told("input_noise", "`input_noise` is the standard deviation of what is added to inputs: input_noise = 0.1"),
    ),
    (
        "earlystopping earlystop earlystoppingpatience earlystoppingrounds stopafter noimprovement niternochange",
        Told("patience", "`patience` is the number of evaluations without a new lowest validation loss: patience = 5"),
    ),
    (
        "augment augmentation dataaugmentation transform transforms distortion distortions",
        Told(
            "shift",
            "each distortion is a key: shift = 2 (pixels), rotation = 10 (degrees), elastic = { alpha = 34.0, sigma = 4.0 }",
        ),
    ),
    (
        "translate translation randomcrop randomtranslation jitter maxshift widthshiftrange heightshiftrange",
        Called("shift"),
    ),
    ("rotate degrees angle randomrotation rotationrange maxrotation", Called("rotation")),
    ("elastictransform elasticdistortion elasticdeformation", Called("elastic")),
    ("classweight weight weights sampleweight sampleweights posweight lossweights", Called("class_weights")),
    ("smoothing labelsmooth ls smoothingfactor", Called("label_smoothing")),
    (
        "evalevery evalfreq evalfrequency evalinterval evalsteps evaluationstrategy logevery loginterval validateevery \
         valinterval validationfreq checkvaleverynepoch",
        Called("evaluate_every"),
    ),
    ("dataset datasets dataname datasource", Called("data")),
    (
        "shuffle replacement sampler",
        Told(
            "sampling",
            "as in sampling = \"shuffle\", sampling = \"replacement\" or, without shuffling, sampling = \"in_order\"",
        ),
    ),
    ("probe measure metrics callbacks log", Called("probes")),
    ("loss lossfn lossfunction criterion objective", Told("hidden", "networks are trained on cross-entropy")),
    (
        "inputsize inputdim inputshape infeatures numclasses nclasses outputsize outputdim outfeatures",
        Told("hidden", "the data set says how many inputs and classes there are"),
    ),
    (
        "jobs workers numworkers njobs nthreads threads",
        Told("hidden", "how many trials are trained at a time is said on the command line: --jobs 4"),
    ),
    (
        "device cuda gpu dtype precision amp fp16 bf16",
        Told("hidden", "training runs on the processor, in single precision"),
    ),
    // Keys of a study.
    (
        "seed nseeds numseeds randomseed randomstate rngseed repeats repeat replicates nruns numruns runs",
        Called("seeds"),
    ),
    ("title label id studyname experiment experimentname", Called("name")),
    ("description hypothesis goalofstudy abstract", Called("question")),
    ("arms variant variants", Told("baseline", "each arm stands below a line [[arm]], with a name and what it sets")),
    ("claims hypotheses tests assertions", Told("baseline", "each claim stands below a line [[claim]]")),
    ("defaults default config hyperparameters hparams params common shared settings model training", Called("base")),
    ("sweep axes axis parameters searchspace space search factors ablate ablation", Called("grid")),
    ("nsamples numsamples ntrials numtrials trials", Called("samples")),
    ("reference control", Called("baseline")),
    ("method strategy sweeptype", Called("design")),
    // Keys of arms and of claims.
    ("values params config override overrides overwrite with", Called("set")),
    ("claim text statement description title hypothesis name", Called("says")),
    ("threshold target goal reach", Told("level", "as in level = { test_accuracy = 0.9 }, with metric = \"steps_to\"")),
    ("tolerance tol margin delta equivalence", Called("within")),
    ("baseline comparedto against than reference other control vs than", Called("versus")),
    ("treatment cell case candidate", Called("arm")),
    ("measure quantity value", Called("metric")),
    ("direction expected expects is", Called("expect")),
    ("epoch when time", Called("at")),
    // Metrics.
    (
        "accuracy acc top1 top1accuracy score",
        Told("test_accuracy", "there are two: `train_accuracy` and `test_accuracy`"),
    ),
    ("loss crossentropy nll ce", Told("test_loss", "there are two: `train_loss` and `test_loss`")),
    ("trainacc trainingaccuracy trainingacc", Called("train_accuracy")),
    ("testacc evalaccuracy evalacc", Called("test_accuracy")),
    ("valaccuracy valacc validacc validaccuracy", Called("validation_accuracy")),
    ("trainingloss", Called("train_loss")),
    ("evalloss", Called("test_loss")),
    ("valloss validloss", Called("validation_loss")),
    (
        "error err errorrate testerror trainerror valerror",
        Told("test_accuracy", "an error rate is 1 − the accuracy: `train_accuracy` or `test_accuracy`"),
    ),
    ("generalizationgap generalisationgap overfitting overfit", Called("gap")),
    ("gradnorm gradient grad", Called("gradient_norm")),
    ("norm l2norm weightnorms paramnorm parameternorm", Called("weight_norm")),
    ("deadunits deadneurons deadrelus dying", Called("dead")),
    ("hessian maxeigenvalue topeigenvalue lambdamax curvature", Called("sharpness")),
    ("steps stepsuntil timeto epochsto", Called("steps_to")),
    ("f height", Told("train_loss", "the height f of a surface is its `train_loss`")),
    // Expectations and times.
    ("less smaller below fewer decrease decreases down <", Called("lower")),
    ("greater larger more above bigger increase increases up better >", Called("higher")),
    ("worse", Told("lower", "\"lower\" or \"higher\", as the metric has it")),
    ("equal equals unchanged similar none ==", Called("same")),
    ("end final finish", Called("last")),
    ("begin beginning initial init untrained first", Called("start")),
    // Ranges of a random design.
    ("loguniform log logrange logspace qloguniform reciprocal", Called("log_uniform")),
    (
        "choice choices values value list options categorical grid",
        Told("uniform", "several values are a list and no table: dropout = [0.0, 0.5]"),
    ),
    (
        "min max low high lower upper start stop from to range distribution dist linspace quniform randint int float normal",
        Told(
            "uniform",
            "a range is { uniform = [0.0, 0.5] } or { log_uniform = [1e-6, 1e-2] }, with design = \"random\"",
        ),
    ),
    // Optimizers.
    ("adamw", Told("adam", "it is \"adam\" with a key beside it: weight_decay_mode = \"decoupled\"")),
    ("heavyball polyak sgdm sgdmomentum", Called("momentum")),
    ("nag nesterovmomentum nesterovs", Called("nesterov")),
    ("gd gradientdescent vanilla stochasticgradientdescent", Called("sgd")),
    ("rms rmspropoptimizer", Called("rmsprop")),
    (
        "nadam radam adamax amsgrad lamb lars adafactor adabound adabelief yogi lbfgs bfgs newton sophia muon shampoo \
         novograd ftrl rprop asgd sparseadam nadamw adan prodigy dadaptation soap signsgd",
        Absent("adam"),
    ),
    // Activation functions.
    ("lrelu leaky", Called("leaky_relu")),
    ("logistic expit", Called("sigmoid")),
    ("hyperbolictangent", Called("tanh")),
    ("rectifier rectified rectifiedlinear ramp", Called("relu")),
    (
        "swish silu mish elu selu celu softplus prelu rrelu relu6 crelu hardtanh hardswish hardsigmoid hswish hsigmoid maxout \
         glu swiglu geglu sin sine snake linear identity none softmax gelutanh quickgelu squaredrelu relu2",
        Absent("relu"),
    ),
    // Initial weights.
    ("kaiming kaimingnormal henormal msra", Called("he")),
    (
        "glorotnormal xaviernormal",
        Told("glorot", "the normal distribution of Glorot & Bengio, √(2/(fan_in + fan_out)), is \"glorot\" here"),
    ),
    ("xavieruniform", Called("glorot_uniform")),
    ("lecun lecunnormal", Told("xavier", "1/√fan_in is called \"xavier\" here")),
    ("gaussian randn randomnormal", Told("normal", "as in init = { normal = 0.01 }")),
    ("ones const fill", Told("constant", "as in init = { constant = 1.0 }")),
    ("default torch pytorch", Told("uniform", "PyTorch's default for weights is \"uniform\"")),
    (
        "kaiminguniform heuniform lecununiform orthogonal eye identity dirac sparse truncatednormal truncnormal variancescaling \
         randomuniform lsuv fixup",
        Absent("glorot"),
    ),
    // Schedules.
    ("cosineannealing cosineannealinglr cosinedecay cosineschedule cosinelr", Called("cosine")),
    ("steplr multistep multisteplr stepdecay piecewise piecewiseconstant staircase steps", Called("step")),
    ("exponentiallr exponentialdecay exp", Called("exponential")),
    ("inversetimedecay inverse hyperbolic", Called("inverse_time")),
    ("noam rsqrt invsqrt inversesquareroot transformer", Called("inverse_sqrt")),
    ("fixed none constantlr", Called("constant")),
    (
        "warmup linearwarmup warmupcosine",
        Told("inverse_time", "a warmup is a key of its own, beside the schedule: warmup = 1.0"),
    ),
    (
        "linear linearlr lineardecay polynomial polynomialdecay poly plateau reducelronplateau onecycle onecyclelr cyclic cyclical \
         cycliclr triangular warmrestarts cosinewarmrestarts cosineannealingwarmrestarts sgdr wsd",
        Absent("inverse_time"),
    ),
    // Data sets.
    ("fashion fashionmnist cifar cifar10 cifar100 imagenet svhn emnist kmnist qmnist iris wine", Absent("mnist")),
    // Probes.
    ("hessian sharpness eigenvalues eigenvalue", Called("curvature")),
    ("gradient grad grads gradnorm gradientnorm", Called("gradients")),
    ("weightnorm weightnorms norms", Called("weights")),
    ("histogram histograms hist", Called("activations")),
    ("landscape losslandscape", Called("plane")),
    // Other choices.
    ("withreplacement bootstrap random iid", Called("replacement")),
    ("sequential ordered noshuffle unshuffled", Called("in_order")),
    ("permutation epoch withoutreplacement randomreshuffling", Called("shuffle")),
    ("l2 adam torch regularization", Called("coupled")),
    ("adamw", Called("decoupled")),
    ("inverted", Told("delete_ratio", "inverted dropout divides while training: \"train\"")),
    ("random", Called("drawn")),
    ("stratified", Called("balanced")),
    ("gridsearch fullfactorial full product cartesian", Called("factorial")),
    ("ofat oat", Called("one_at_a_time")),
    ("loo", Called("leave_one_out")),
    ("randomsearch montecarlo", Called("random")),
    ("sobol lhs latinhypercube halton bayesian bayes tpe hyperband", Absent("factorial")),
];

/// What to write instead of a name from elsewhere, where only the `valid` names may stand; `None` for a name that is not
/// known from elsewhere.
pub(super) fn instead(name: &str, valid: &[&str]) -> Option<String> {
    rows(name).find_map(|here| match here {
        Called(ours) => valid.contains(ours).then(|| format!("it is called `{ours}` here")),
        Told(beside, what) => valid.contains(beside).then(|| (*what).to_owned()),
        Absent(beside) => {
            valid.contains(beside).then(|| format!("there is no such thing here; there are: {}", valid.join(", ")))
        }
    })
}

/// The valid name of what has another name elsewhere.
pub(super) fn called(name: &str, valid: &[&str]) -> Option<&'static str> {
    rows(name).find_map(|here| match here {
        Called(ours) => valid.contains(ours).then_some(*ours),
        Told(..) | Absent(_) => None,
    })
}

/// The answers to a name, however it is written.
fn rows(name: &str) -> impl Iterator<Item = &'static Here> {
    let name = name.to_lowercase().replace(['-', '_', ' '], "");
    let knows = move |names: &str| names.split(' ').any(|other| other == name);
    NAMES.iter().filter(move |(names, _)| knows(names)).map(|(_, here)| here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::schema;
    use std::collections::BTreeSet;

    /// All names that a study may have anywhere: keys, constants and names of values.
    fn ours() -> BTreeSet<String> {
        fn collect(schema: &serde_json::Value, names: &mut BTreeSet<String>) {
            match schema {
                serde_json::Value::Object(object) => {
                    let texts = object
                        .get("const")
                        .into_iter()
                        .chain(object.get("enum").into_iter().flat_map(|all| all.as_array().into_iter().flatten()));
                    names.extend(texts.filter_map(|text| Some(text.as_str()?.to_owned())));
                    if let Some(properties) = object.get("properties").and_then(serde_json::Value::as_object) {
                        names.extend(properties.keys().cloned());
                    }
                    object.values().for_each(|part| collect(part, names));
                }
                serde_json::Value::Array(parts) => parts.iter().for_each(|part| collect(part, names)),
                _ => {}
            }
        }
        let mut names = BTreeSet::new();
        collect(&schema::schema(), &mut names);
        names
    }

    #[test]
    fn each_answer_is_a_name_that_there_is() {
        let ours = ours();
        for (names, here) in NAMES {
            let (Called(name) | Told(name, _) | Absent(name)) = here;
            assert!(ours.contains(*name), "{names}: {name}");
            assert!(
                names.split(' ').all(|name| name == name.to_lowercase().replace(['-', '_'], "") && !name.is_empty())
            );
        }
    }

    #[test]
    fn a_name_is_answered_for_the_place_where_it_stands() {
        let schedule = ["every", "factor"];
        assert_eq!(instead("step_size", &schedule).unwrap(), "it is called `every` here");
        assert_eq!(instead("Step-Size", &["hidden", "learning_rate"]).unwrap(), "it is called `learning_rate` here");
        assert_eq!(instead("lr", &schedule), None);
        assert!(instead("Swish", &["relu", "tanh"]).unwrap().ends_with("there are: relu, tanh"));
    }
}
